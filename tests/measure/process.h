#pragma once

#include <functional>
#include <string>
#include <vector>

namespace headroom::test {

/// How a process ended.
struct Ended {
  int status = 0;      ///< as waitpid tells it
  std::string output;  ///< stdout and stderr together

  [[nodiscard]] bool was_killed() const;
  [[nodiscard]] int exit_code() const;
};

/// Runs `body` in a forked child, whose exit code it returns.
[[nodiscard]] Ended in_child(const std::function<int()>& body);

/// A program that runs.
class Process {
 public:
  /// `prepare` runs in the child in front of the program.
  explicit Process(
      std::vector<std::string> arguments, const std::function<void()>& prepare = [] {});
  void kill() const;
  [[nodiscard]] Ended wait();

 private:
  int process_ = 0;
  int output_ = -1;
};

}  // namespace headroom::test
