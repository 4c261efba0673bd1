#include "baseline.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace headroom::measure::host {
namespace {

[[noreturn]] void fail() {
  throw std::runtime_error("the baseline could not be measured: this program on an empty job did not succeed");
}

/// Both ends of a pipe, closed with the object.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) fail();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends_[0]);
    close_writer();
  }

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

std::vector<std::string> arguments(const Options& options) {
  std::vector<std::string> arguments = {"headroom-measure-host",        "--baseline", "--job", options.job, "--threads",
                                        std::to_string(options.threads)};
  if (options.timeline) arguments.emplace_back("--timeline");
  return arguments;
}

/// Starts this program with its standard output in the pipe.
::pid_t start(const Options& options, const Pipe& pipe) {
  std::vector<std::string> texts = arguments(options);
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  ::posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe.writer(), STDOUT_FILENO);
  ::pid_t child = 0;
  const int error = ::posix_spawn(&child, "/proc/self/exe", &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail();
  return child;
}

bool succeeds(::pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

Job emptied(Job job) {
  job.model.hidden = job.model.vocab = job.model.max_positions = 1;
  for (LayerKind& kind : job.model.kinds) kind.heads = kind.kv_heads = kind.head_dim = kind.ffn_hidden = 1;
  for (LayerRun& run : job.model.layer_runs) run.repeat = 1;
  job.batch = 1;
  job.seq = Tokens(1);
  return job;
}

Bytes measure_baseline(const Options& options) {
  Pipe pipe;
  const ::pid_t child = start(options, pipe);
  pipe.close_writer();
  const std::string text = pipe.read_all();
  std::int64_t bytes = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (!succeeds(child) || parsed.ec != std::errc{}) fail();
  return Bytes(bytes);
}

}  // namespace headroom::measure::host
