#include "process.h"

#include <array>
#include <csignal>
#include <stdexcept>

#include <sys/wait.h>
#include <unistd.h>

namespace headroom::test {
namespace {

std::string drain(int descriptor) {
  std::string text;
  std::array<char, 4096> part{};
  for (::ssize_t got = 0; (got = ::read(descriptor, part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  ::close(descriptor);
  return text;
}

Ended wait_for(int process, std::string output) {
  Ended ended{0, std::move(output)};
  ::waitpid(process, &ended.status, 0);
  return ended;
}

}  // namespace

bool Ended::was_killed() const { return WIFSIGNALED(status); }
int Ended::exit_code() const { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }

Ended in_child(const std::function<int()>& body) {
  const ::pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  return wait_for(child, {});
}

Process::Process(std::vector<std::string> arguments, const std::function<void()>& prepare) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  process_ = ::fork();
  if (process_ == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    prepare();
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  output_ = ends[0];
}

void Process::kill() const { ::kill(process_, SIGKILL); }

Ended Process::wait() {
  std::string output = drain(output_);
  return wait_for(process_, std::move(output));
}

}  // namespace headroom::test
