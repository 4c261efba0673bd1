#include "watchdog.h"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "exit_codes.h"
#include "rank_program.h"

namespace headroom::measure::mpi {

Watchdog::Watchdog(Board& board, std::chrono::seconds limit, bool tells)
    : board_(board), limit_(limit), tells_(tells), thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  end_.notify_all();
  thread_.join();
}

void Watchdog::run() {
  constexpr auto kTick = std::chrono::milliseconds(200);
  std::unique_lock lock(mutex_);
  while (!end_.wait_for(lock, kTick, [this] { return ends_; })) look();
}

void Watchdog::look() {
  board_.own().alive = now();
  if (tells_) std::fprintf(stderr, "%s\n", kAliveLine);
  const auto hanging = hanging_rank(board_.all(), now(), limit_);
  if (!hanging) return;
  // One of the watchdogs speaks for all.
  if (board_.all().front().has_told.exchange(true)) return;
  fmt::print(stderr, "{}: rank {} has hung for more than {} seconds (--timeout)\n", kProgramName, *hanging,
             limit_.count());
  std::_Exit(kFailed);
}

}  // namespace headroom::measure::mpi
