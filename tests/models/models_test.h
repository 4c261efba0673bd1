#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <headroom/models/error.h>

namespace headroom::test {

inline std::string data(const std::string& name) { return std::string(HEADROOM_MODELS_TEST_DATA) + "/" + name; }

/// The sentence with which `function` refuses its input, or nothing when it does not.
template <class Function>
std::string refusal(Function function) {
  try {
    function();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

/// An empty folder, gone with the object.
class Folder {
 public:
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "headroom-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] std::ptrdiff_t entries() const {
    return std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator());
  }

 private:
  std::filesystem::path path_;
};

}  // namespace headroom::test
