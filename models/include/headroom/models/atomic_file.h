#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace headroom {

/// A file written piece by piece that appears under its name whole or not at all, whatever happens: until it is kept,
/// `path` holds its old content. A terminal, a pipe or a device keeps nothing and is written at once.
/// Everything but the destructor throws InputError that names the path and the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  /// What was not kept leaves nothing behind.
  ~AtomicFile();
  AtomicFile(AtomicFile&&) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view text);

  /// Puts what was written under its name with `suffix` behind it, the last call. Returns that name, behind links.
  std::string keep(const std::string& suffix = {});

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace headroom
