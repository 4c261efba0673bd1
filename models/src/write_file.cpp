#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <headroom/models/atomic_file.h>
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
  OutputFile(OutputFile&& other) noexcept
      : file_(std::move(other.file_)),
        path_(std::move(other.path_)),
        descriptor_(std::exchange(other.descriptor_, -1)),
        temporary_(std::exchange(other.temporary_, false)) {}
  OutputFile& operator=(OutputFile&&) = delete;
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

/// A file beside `target` that is not there yet.
OutputFile beside(const std::string& target, const std::string& path) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::string name = fmt::format(".headroom-{}-{}.tmp", ::getpid(), attempt);
    OutputFile file((std::filesystem::path(target).parent_path() / name).string(), O_CREAT | O_EXCL, path);
    if (file.is_open()) return file;
  }
  fail(path, EEXIST);
}

/// What is there under the name, before anything is written.
struct Target {
  bool exists = false;
  bool is_regular = false;
  ::mode_t mode = 0;  ///< permissions to keep; 0: the usual ones
};

Target target_at(const std::string& path) {
  struct ::stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  if (S_ISDIR(status.st_mode)) fail(path, EISDIR);
  return {true, S_ISREG(status.st_mode), status.st_mode & 07777U};
}

}  // namespace

/// Writes beside the target, to rename it at the end; or through, where there is nothing to keep.
class AtomicFile::Writer {
 public:
  explicit Writer(const std::string& path)
      : target_(target_at(path)),
        name_(behind_links(path)),
        file_(replaces() ? beside(name_, path) : OutputFile(path, 0, path)) {}

  void write(std::string_view text) { file_.write(text); }

  std::string keep(const std::string& suffix) {
    if (!replaces()) {
      file_.close();
      return name_;
    }
    file_.keep_as(name_ + suffix, target_.mode);
    return name_ + suffix;
  }

 private:
  [[nodiscard]] bool replaces() const { return !target_.exists || target_.is_regular; }

  Target target_;
  std::string name_;
  OutputFile file_;
};

AtomicFile::AtomicFile(const std::string& path) : writer_(std::make_unique<Writer>(path)) {}
AtomicFile::~AtomicFile() = default;
AtomicFile::AtomicFile(AtomicFile&&) noexcept = default;

void AtomicFile::write(std::string_view text) { writer_->write(text); }

std::string AtomicFile::keep(const std::string& suffix) { return writer_->keep(suffix); }

void write_file_atomically(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.keep();
}

}  // namespace headroom
