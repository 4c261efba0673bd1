#include "child.h"

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace headroom::measure {
namespace {

constexpr const char* kSelf = "/proc/self/exe";

/// The ends that the child is to have as its standard input and output.
::pid_t start(std::vector<std::string> texts, int input, int output) {
  texts.insert(texts.begin(), kSelf);
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  ::posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::pid_t child = 0;
  const int error = ::posix_spawn(&child, kSelf, &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("this program could not be started once more");
  return child;
}

int wait_for(::pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return status;
}

}  // namespace

Pipe::Pipe() {
  if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error("the system has no more pipes");
}

Pipe::~Pipe() {
  close_reader();
  close_writer();
}

void Pipe::close(std::size_t end) {
  const int file = std::exchange(ends_[end], -1);
  if (file >= 0) ::close(file);
}

Child::Child(std::vector<std::string> arguments)
    : process_(start(std::move(arguments), input_.reader(), output_.writer())) {
  input_.close_reader();
  output_.close_writer();
}

Child::~Child() {
  if (process_ == 0) return;
  ::kill(process_, SIGKILL);
  (void)wait_for(process_);
}

std::string Child::read_line() {
  std::string line;
  for (;;) {
    char letter = 0;
    const ::ssize_t got = ::read(output_.reader(), &letter, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || letter == '\n') return line;
    line += letter;
  }
}

bool Child::succeeds() {
  close_input();
  const int status = wait_for(std::exchange(process_, 0));
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace headroom::measure
