#pragma once

#include <array>
#include <string>
#include <vector>

#include <sys/types.h>

namespace headroom::measure {

/// Both ends of a pipe, closed with the object.
class Pipe {
 public:
  /// Throws std::runtime_error where the system has none left.
  Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe();

  [[nodiscard]] int reader() const { return ends_[0]; }
  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_reader() { close(0); }
  void close_writer() { close(1); }

 private:
  void close(std::size_t end);
  std::array<int, 2> ends_{-1, -1};
};

/// This program once more, in a process of its own, which we hear. It ends with the object at the latest.
class Child {
 public:
  /// `arguments` without the program's name. Throws std::runtime_error where it cannot be started.
  explicit Child(std::vector<std::string> arguments);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  /// The next line of its standard output, or what is there before its end.
  [[nodiscard]] std::string read_line();
  /// The end of its standard input.
  void close_input() { input_.close_writer(); }
  /// Waits for its end: whether it exited with 0.
  [[nodiscard]] bool succeeds();

 private:
  Pipe input_;
  Pipe output_;
  ::pid_t process_ = 0;
};

}  // namespace headroom::measure
