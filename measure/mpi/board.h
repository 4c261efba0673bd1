#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include <mpi.h>

namespace headroom::measure::mpi {

/// What a rank lets the others see. Times are steady-clock nanoseconds, the same for all processes of a machine.
struct RankSign {
  std::atomic<std::int64_t> alive{0};     ///< when its watchdog last ran
  std::atomic<std::int64_t> progress{0};  ///< when it last went from one thing to another
  std::atomic<bool> waits{false};         ///< for other ranks
  std::atomic<bool> is_done{false};
  std::atomic<bool> has_told{false};  ///< of a rank that hangs
};

/// The signs of all ranks of MPI_COMM_WORLD, in memory that they share.
class Board {
 public:
  /// All ranks together. Throws std::runtime_error where they are not on one machine.
  Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;
  ~Board();

  [[nodiscard]] RankSign& own() { return *own_; }
  [[nodiscard]] std::span<RankSign> all() { return all_; }
  /// The rank does something else from now on.
  void progress(bool waits);

 private:
  MPI_Win window_ = MPI_WIN_NULL;
  RankSign* own_ = nullptr;
  std::span<RankSign> all_;
};

[[nodiscard]] std::int64_t now();

/// The rank that the others wait for: it gives no sign of life for longer than `limit`, or has been at one thing for
/// so long without waiting for anybody. Where all of them wait, the one that has for longest.
[[nodiscard]] std::optional<std::int64_t> hanging_rank(std::span<const RankSign> signs, std::int64_t at,
                                                       std::chrono::nanoseconds limit);

}  // namespace headroom::measure::mpi
