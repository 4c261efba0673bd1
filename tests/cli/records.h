#pragma once

#include <filesystem>
#include <string>

#include <headroom/models/record.h>

namespace headroom::test {

/// A folder of our own, gone with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A record of gpt2 at 1K tokens that says what is predicted.
[[nodiscard]] Record agreeing_record(const std::string& method = "flash");
/// The same of a ring of two ranks, with what each of them sent.
[[nodiscard]] Record agreeing_record_of_ranks();

/// Writes the record; returns its path.
std::string write(const Folder& folder, const std::string& name, const Record& record);

}  // namespace headroom::test
