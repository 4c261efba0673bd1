#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <headroom/models/error.h>
#include <headroom/models/read.h>

namespace headroom {
namespace {

constexpr int kAttempts = 100;

[[noreturn]] void fail(const std::string& path, int error) {
  throw InputError(fmt::format("cannot write {}: {}", path, std::generic_category().message(error)));
}

/// A file being written; gone again unless it was kept.
class OutputFile {
 public:
  /// `path` is what messages call it.
  OutputFile(std::string file, int flags, std::string path)
      : file_(std::move(file)),
        path_(std::move(path)),
        descriptor_(::open(file_.c_str(), flags | O_WRONLY | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0 && errno != EEXIST) fail(path_, errno);
    temporary_ = is_open() && (flags & O_EXCL) != 0;
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile() {
    if (is_open()) ::close(descriptor_);
    if (temporary_) ::unlink(file_.c_str());
  }

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

  void write(std::string_view text) {
    while (!text.empty()) {
      const ::ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(path_, errno);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void close() {
    const int closed = ::close(std::exchange(descriptor_, -1));
    if (closed != 0) fail(path_, errno);
  }

  void keep_as(const std::string& target, mode_t mode) {
    if (mode != 0 && ::fchmod(descriptor_, mode) != 0) fail(path_, errno);
    if (::fsync(descriptor_) != 0) fail(path_, errno);
    close();
    if (std::rename(file_.c_str(), target.c_str()) != 0) fail(path_, errno);
    temporary_ = false;
  }

 private:
  std::string file_;
  std::string path_;
  int descriptor_ = -1;
  bool temporary_ = false;
};

/// Where the bytes go: behind a symbolic link, the file it points to.
std::string behind_links(const std::string& path) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::canonical(path, error);
  return error ? path : target.string();
}

/// Writes beside the target, then renames; `mode` are the permissions to keep, 0: the usual ones.
void replace_file(const std::string& path, std::string_view text, mode_t mode) {
  const std::string target = behind_links(path);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::string name = fmt::format(".headroom-{}-{}.tmp", ::getpid(), attempt);
    OutputFile file((std::filesystem::path(target).parent_path() / name).string(), O_CREAT | O_EXCL, path);
    if (!file.is_open()) continue;
    file.write(text);
    file.keep_as(target, mode);
    return;
  }
  fail(path, EEXIST);
}

/// A terminal, a pipe: nothing there to keep.
void write_through(const std::string& path, std::string_view text) {
  OutputFile file(path, 0, path);
  file.write(text);
  file.close();
}

}  // namespace

void write_file_atomically(const std::string& path, std::string_view text) {
  struct ::stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail(path, EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    write_through(path, text);
  } else {
    replace_file(path, text, exists ? status.st_mode & 07777U : 0);
  }
}

}  // namespace headroom
