#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "board.h"

namespace headroom::measure::mpi {

/// A line on stderr that tells a launcher that the ranks live.
inline constexpr const char* kAliveLine = "@headroom-alive";

/// Watches the board beside the rank's work: where a rank hangs for longer than the limit it says which one and ends
/// this process with kFailed, whereupon mpirun ends the others.
class Watchdog {
 public:
  /// `tells`: whether to print kAliveLine now and then.
  Watchdog(Board& board, std::chrono::seconds limit, bool tells);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

 private:
  void run();
  void look();

  Board& board_;
  std::chrono::seconds limit_;
  bool tells_;
  bool ends_ = false;
  std::mutex mutex_;
  std::condition_variable end_;
  std::thread thread_;
};

}  // namespace headroom::measure::mpi
