#pragma once

#include <filesystem>
#include <string>

namespace headroom::cli {

/// An empty folder of our own, gone with the object.
class TemporaryFolder {
 public:
  /// Throws InputError with the system's reason.
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace headroom::cli
