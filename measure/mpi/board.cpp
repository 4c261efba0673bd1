#include "board.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <stdexcept>

#include "mpi_check.h"

namespace headroom::measure::mpi {
namespace {

constexpr MPI_Aint kBytes = sizeof(RankSign);

void require_one_machine() {
  MPI_Comm machine = MPI_COMM_NULL;
  check(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine), "MPI_Comm_split_type");
  int here = 0, all = 0;
  check(MPI_Comm_size(machine, &here), "MPI_Comm_size");
  check(MPI_Comm_size(MPI_COMM_WORLD, &all), "MPI_Comm_size");
  MPI_Comm_free(&machine);
  if (here != all) throw std::runtime_error("the ranks must be on one machine");
}

}  // namespace

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Board::Board() {
  require_one_machine();
  void* own = nullptr;
  check(MPI_Win_allocate_shared(kBytes, 1, MPI_INFO_NULL, MPI_COMM_WORLD, &own, &window_), "MPI_Win_allocate_shared");
  own_ = std::construct_at(static_cast<RankSign*>(own));
  own_->alive = own_->progress = now();
  check(MPI_Barrier(MPI_COMM_WORLD), "MPI_Barrier");
  MPI_Aint bytes = 0;
  int unit = 1, ranks = 1;
  void* first = nullptr;
  check(MPI_Win_shared_query(window_, 0, &bytes, &unit, &first), "MPI_Win_shared_query");
  check(MPI_Comm_size(MPI_COMM_WORLD, &ranks), "MPI_Comm_size");
  all_ = {static_cast<RankSign*>(first), static_cast<std::size_t>(ranks)};
}

Board::~Board() {
  // A rank that fails would wait here for the others, who wait for it.
  if (std::uncaught_exceptions() > 0) return;
  own_->is_done = true;
  MPI_Win_free(&window_);
}

void Board::progress(bool waits) {
  own_->waits = waits;
  own_->progress = now();
}

std::optional<std::int64_t> hanging_rank(std::span<const RankSign> signs, std::int64_t at,
                                         std::chrono::nanoseconds limit) {
  const auto is_old = [&](std::int64_t since) { return at - since > limit.count(); };
  const auto index = [&](auto sign) { return static_cast<std::int64_t>(sign - signs.begin()); };
  const auto stopped =
      std::find_if(signs.begin(), signs.end(), [&](const RankSign& s) { return !s.is_done && is_old(s.alive); });
  if (stopped != signs.end()) return index(stopped);
  const auto stuck = std::find_if(signs.begin(), signs.end(),
                                  [&](const RankSign& s) { return !s.is_done && !s.waits && is_old(s.progress); });
  if (stuck != signs.end()) return index(stuck);
  const auto longest = std::min_element(signs.begin(), signs.end(), [](const RankSign& x, const RankSign& y) {
    return x.progress.load() < y.progress.load();
  });
  const bool all_wait = std::all_of(signs.begin(), signs.end(),
                                    [&](const RankSign& s) { return s.is_done || (s.waits && is_old(s.progress)); });
  if (all_wait && longest != signs.end() && is_old(longest->progress)) return index(longest);
  return std::nullopt;
}

}  // namespace headroom::measure::mpi
