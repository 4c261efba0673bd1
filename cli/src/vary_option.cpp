#include "vary_option.h"

#include <utility>

#include <fmt/format.h>

#include <headroom/models/job_change.h>

namespace headroom::cli {
namespace {

constexpr std::string_view kVary = "--vary";

}  // namespace

Variation parse_vary(std::string_view text) {
  JobChange change = parse_change(text, kVary);
  std::string what = fmt::format("{} {}", kVary, change.name);
  return read_variation(std::move(change.name), change.value, std::move(what));
}

}  // namespace headroom::cli
