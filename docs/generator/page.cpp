#include "page.h"

#include <string_view>

#include <fmt/format.h>

#include <headroom/models/error.h>

#include "sections.h"

namespace headroom::docs {
namespace {

constexpr std::string_view kBegin = "\n<!-- generated: ";
constexpr std::string_view kBeginEnds = " -->\n";
constexpr std::string_view kEnd = "\n<!-- end -->";

std::string section_of(const std::string& name, const std::string& origin) {
  try {
    return section(name);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", origin, error.what()));
  }
}

}  // namespace

std::string refreshed(const std::string& page, const std::string& origin) {
  std::string text;
  std::size_t at = 0;
  for (std::size_t begin = page.find(kBegin); begin != std::string::npos; begin = page.find(kBegin, at)) {
    const std::size_t name = begin + kBegin.size();
    const std::size_t name_ends = page.find(kBeginEnds, name);
    const std::size_t end = page.find(kEnd, name);
    if (end == std::string::npos || name_ends > end) {
      throw InputError(fmt::format("{}: a generated section has no end", origin));
    }
    const std::size_t body = name_ends + kBeginEnds.size();
    text += page.substr(at, body - at) + "\n" + section_of(page.substr(name, name_ends - name), origin);
    at = end;
  }
  return text + page.substr(at);
}

}  // namespace headroom::docs
