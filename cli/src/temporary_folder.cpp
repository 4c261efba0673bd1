#include "temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include <headroom/models/error.h>

namespace headroom::cli {
namespace {

std::filesystem::path make_folder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) throw InputError(fmt::format("TMPDIR names no folder: {}", error.message()));
  std::string path = (parent / "headroom-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    throw InputError(fmt::format("cannot make a folder in {}: {}", parent.string(), std::strerror(errno)));
  }
  return path;
}

}  // namespace

TemporaryFolder::TemporaryFolder() : path_(make_folder()) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace headroom::cli
