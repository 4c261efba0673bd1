#include "child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <headroom/models/error.h>

namespace headroom::cli {
namespace {

::sigset_t awaited_signals() {
  ::sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set, signal);
  return set;
}

/// While it lives, the awaited signals are not delivered but kept for sigwait. An inherited "ignore" of SIGCHLD would
/// lose the child's status.
class AwaitedSignals {
 public:
  AwaitedSignals() {
    struct ::sigaction standard {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &standard, &action_before_);
    ::sigprocmask(SIG_BLOCK, &signals_, &mask_before_);
  }
  ~AwaitedSignals() {
    ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    ::sigaction(SIGCHLD, &action_before_, nullptr);
  }
  AwaitedSignals(const AwaitedSignals&) = delete;
  AwaitedSignals& operator=(const AwaitedSignals&) = delete;

  [[nodiscard]] int next() const {
    int signal = 0;
    ::sigwait(&signals_, &signal);
    return signal;
  }
  [[nodiscard]] const ::sigset_t& mask_before() const { return mask_before_; }

 private:
  ::sigset_t signals_ = awaited_signals();
  ::sigset_t mask_before_{};
  struct ::sigaction action_before_ {};
};

/// What posix_spawn is to do beside starting: where standard output goes, signals as we found them.
class SpawnSettings {
 public:
  SpawnSettings(const ::sigset_t& mask, int output) {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setsigmask(&attributes, &mask);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  ::posix_spawn_file_actions_t actions{};
  ::posix_spawnattr_t attributes{};
};

::pid_t start(std::vector<std::string>& arguments, const ::sigset_t& mask, int output = STDERR_FILENO) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const SpawnSettings settings(mask, output);
  ::pid_t child = 0;
  const int error =
      ::posix_spawn(&child, pointers.front(), &settings.actions, &settings.attributes, pointers.data(), environ);
  if (error != 0) throw InputError(fmt::format("cannot start {}: {}", arguments.front(), std::strerror(error)));
  return child;
}

Ended ended(int status) {
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status)};
  return {WEXITSTATUS(status), std::nullopt};
}

/// Both ends of a pipe, closed with the object.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
      throw InputError(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    }
  }
  ~Pipe() {
    ::close(ends_[0]);
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  [[nodiscard]] std::string read_all() const {
    std::string text;
    std::array<char, 256> part{};
    for (;;) {
      const ::ssize_t got = ::read(ends_[0], part.data(), part.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return text;
      text.append(part.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

}  // namespace

Captured capture_program(std::vector<std::string> arguments) {
  const AwaitedSignals signals;
  Pipe pipe;
  const ::pid_t child = start(arguments, signals.mask_before(), pipe.writer());
  pipe.close_writer();
  std::string output = pipe.read_all();
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return {ended(status), std::move(output)};
}

Ended run_program(std::vector<std::string> arguments) {
  const AwaitedSignals signals;
  const ::pid_t child = start(arguments, signals.mask_before());
  for (;;) {
    const int signal = signals.next();
    if (signal != SIGCHLD) ::kill(child, signal);
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) return ended(status);
  }
}

}  // namespace headroom::cli
