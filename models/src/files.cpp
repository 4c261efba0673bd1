#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include <headroom/models/error.h>

#include "files.h"

namespace headroom {
namespace {

constexpr std::size_t kMaxFile = std::size_t{16} << 20;

[[noreturn]] void refuse(const std::string& path) {
  throw InputError(fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
}

}  // namespace

bool path_exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

std::string read_text_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw InputError(fmt::format("{} is a folder; give the JSON file in it", path));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path);
  std::string text;
  std::array<char, 1 << 14> part{};
  while (file.read(part.data(), part.size()) || file.gcount() > 0) {
    text.append(part.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxFile) throw InputError(fmt::format("{} is larger than 16 MiB", path));
  }
  if (file.bad()) refuse(path);
  return text;
}

}  // namespace headroom
