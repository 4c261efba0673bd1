#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "child.h"

namespace headroom::measure::mpi {

/// An mpirun with `ranks` ranks of this program. It ends with the object at the latest, and its ranks with it.
class Mpirun {
 public:
  /// `arguments` of the program, without its name. Throws std::runtime_error where it cannot be started.
  Mpirun(std::int64_t ranks, std::vector<std::string> arguments);
  Mpirun(const Mpirun&) = delete;
  Mpirun& operator=(const Mpirun&) = delete;
  ~Mpirun();

  /// What it or a rank says next; none behind the end, or where `limit` passes in silence.
  struct Line {
    std::string text;
    bool is_end = false;
  };
  [[nodiscard]] std::optional<Line> read_line(std::chrono::seconds limit);
  /// Waits for its end, which has a bound too. Returns its exit code, 128 and a signal's number where it was killed.
  [[nodiscard]] int wait(std::chrono::seconds limit);

 private:
  [[nodiscard]] std::optional<int> try_wait(std::chrono::seconds limit);

  Pipe output_;
  std::string unread_;
  ::pid_t process_ = 0;
};

}  // namespace headroom::measure::mpi
