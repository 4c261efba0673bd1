#include "child_process.h"

#include <cerrno>
#include <csignal>
#include <cstring>

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

/// What posix_spawn is to do beside starting: standard output onto standard error, signals as we found them.
class SpawnSettings {
 public:
  explicit SpawnSettings(const ::sigset_t& mask) {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
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

::pid_t start(std::vector<std::string>& arguments, const ::sigset_t& mask) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const SpawnSettings settings(mask);
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

}  // namespace

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
