#include "console.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

namespace headroom::cli {
namespace {

/// 0, or the error number of what went wrong.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written == 0) {
      return EIO;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

Terminal::Terminal() { std::signal(SIGPIPE, SIG_IGN); }

void Terminal::out(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error != 0)
    throw OutputError(fmt::format("the result could not be written to standard output: {}", std::strerror(error)));
}

void Terminal::err(std::string_view text) noexcept { write_all(STDERR_FILENO, text); }

bool Terminal::shows_colour() const {
  return environment("NO_COLOR").empty() && environment("TERM") != "dumb" && ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace headroom::cli
