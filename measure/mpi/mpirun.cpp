#include "mpirun.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rank_program.h"

namespace headroom::measure::mpi {
namespace {

constexpr auto kEnding = std::chrono::seconds(5);

/// More ranks than processors, no binding, and messages through shared memory that needs no rights a container lacks.
std::vector<std::string> command(std::int64_t ranks, std::vector<std::string> arguments) {
  std::vector<std::string> all = {HEADROOM_MPIRUN,
                                  "-n",
                                  std::to_string(ranks),
                                  "--oversubscribe",
                                  "--bind-to",
                                  "none",
                                  "--mca",
                                  "btl",
                                  "self,vader",
                                  "--mca",
                                  "btl_vader_single_copy_mechanism",
                                  "none"};
  all.push_back(std::filesystem::read_symlink("/proc/self/exe").string());
  for (std::string& argument : arguments) all.push_back(std::move(argument));
  return all;
}

void set_environment() {
  ::setenv(kLauncherVariable, "1", 1);
  if (::geteuid() != 0) return;
  ::setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
  ::setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
}

[[noreturn]] void become(char* const* arguments, int output) {
  // mpirun does not outlive this program, not even if that is killed.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

::pid_t start(std::vector<std::string> texts, int output) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  if (::access(HEADROOM_MPIRUN, X_OK) != 0) {
    throw std::runtime_error("ranks are started by " HEADROOM_MPIRUN ", which is not there: install openmpi-bin");
  }
  set_environment();
  const ::pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("mpirun could not be started");
  if (child == 0) become(pointers.data(), output);
  return child;
}

}  // namespace

Mpirun::Mpirun(std::int64_t ranks, std::vector<std::string> arguments)
    : process_(start(command(ranks, std::move(arguments)), output_.writer())) {
  output_.close_writer();
}

Mpirun::~Mpirun() {
  if (process_ == 0) return;
  ::kill(process_, SIGTERM);
  if (try_wait(kEnding)) return;
  ::kill(process_, SIGKILL);
  (void)try_wait(kEnding);
}

std::optional<Mpirun::Line> Mpirun::read_line(std::chrono::seconds limit) {
  for (;;) {
    const auto end = unread_.find('\n');
    if (end != std::string::npos) {
      Line line{unread_.substr(0, end), false};
      unread_.erase(0, end + 1);
      return line;
    }
    ::pollfd waited{output_.reader(), POLLIN, 0};
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
    const int ready = ::poll(&waited, 1, static_cast<int>(milliseconds));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    std::array<char, 4096> part{};
    const ::ssize_t got = ::read(output_.reader(), part.data(), part.size());
    if (got <= 0) return Line{std::exchange(unread_, {}), true};
    unread_.append(part.data(), static_cast<std::size_t>(got));
  }
}

std::optional<int> Mpirun::try_wait(std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  int status = 0;
  while (std::chrono::steady_clock::now() < end) {
    const ::pid_t ended = ::waitpid(process_, &status, WNOHANG);
    if (ended == process_ || (ended < 0 && errno == ECHILD)) {
      process_ = 0;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return std::nullopt;
}

int Mpirun::wait(std::chrono::seconds limit) {
  const std::optional<int> code = try_wait(limit);
  if (!code) throw std::runtime_error("mpirun did not end with its ranks");
  return *code;
}

}  // namespace headroom::measure::mpi
