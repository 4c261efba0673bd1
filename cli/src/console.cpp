#include "console.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace headroom::cli {
namespace {

struct Written {
  std::size_t bytes = 0;
  int error = 0;  ///< number of what went wrong; 0: nothing
};

Written write_all(int file, std::string_view text) {
  Written all;
  while (all.bytes < text.size()) {
    const ssize_t written = ::write(file, text.data() + all.bytes, text.size() - all.bytes);
    if (written > 0) {
      all.bytes += static_cast<std::size_t>(written);
    } else if (written == 0) {
      all.error = EIO;
      break;
    } else if (errno != EINTR) {
      all.error = errno;
      break;
    }
  }
  return all;
}

/// Of `text`, which a full disk cut short at the end of a file, takes the beginning of a line away again.
void take_back_half_line(int file, std::string_view text) {
  const std::size_t half = text.size() - (text.rfind('\n') + 1);
  struct ::stat status {};
  const ::off_t end = ::lseek(file, 0, SEEK_CUR);
  const bool is_end = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == end;
  if (half > 0 && is_end && ::ftruncate(file, end - static_cast<::off_t>(half)) == 0) {
    ::lseek(file, 0, SEEK_END);
  }
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

Terminal::Terminal() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void Terminal::out(std::string_view text) {
  const Written written = write_all(STDOUT_FILENO, text);
  if (written.error == 0) return;
  take_back_half_line(STDOUT_FILENO, text.substr(0, written.bytes));
  throw OutputError(
      fmt::format("the result could not be written to standard output: {}", std::strerror(written.error)));
}

void Terminal::err(std::string_view text) noexcept { (void)write_all(STDERR_FILENO, text); }

bool Terminal::shows_colour() const {
  return environment("NO_COLOR").empty() && environment("TERM") != "dumb" && is_terminal(Stream::out);
}

bool Terminal::is_terminal(Stream stream) const {
  return ::isatty(stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO) == 1;
}

}  // namespace headroom::cli
