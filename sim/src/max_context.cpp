#include <headroom/sim/max_context.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include <headroom/models/error.h>

#include "largest_fitting.h"

namespace headroom::sim {
namespace {

constexpr int kLargestPower = 40;
constexpr Tokens kLongest{std::int64_t{1} << kLargestPower};

/// Lengths of a grid by position, counted from 1, up to 2^40 tokens: those that the sequence ranks can share evenly.
class Positions {
 public:
  Positions(const Grid& grid, std::int64_t ranks)
      : multiples_(grid.kind == Grid::Kind::multiples), first_(multiples_ ? first_multiple(grid.step, ranks) : ranks) {
    if (!multiples_ && !std::has_single_bit(static_cast<std::uint64_t>(ranks))) {
      throw InputError(
          fmt::format("no power of two can be shared evenly by {} sequence ranks; give the grid as a number "
                      "of tokens",
                      ranks));
    }
    last_ = multiples_ ? kLongest.count() / first_
                       : kLargestPower + 1 - std::countr_zero(static_cast<std::uint64_t>(first_));
    if (last_ < 1) throw InputError(fmt::format("{} sequence ranks are more than 2^40 tokens can be shared by", ranks));
  }

  [[nodiscard]] Tokens at(std::int64_t index) const {
    return Tokens(multiples_ ? index * first_ : first_ << std::min<std::int64_t>(index - 1, last_));
  }
  [[nodiscard]] std::int64_t last() const { return last_; }

 private:
  static std::int64_t first_multiple(Tokens step, std::int64_t ranks) {
    if (step.count() < 1 || step > kLongest) {
      throw InputError(fmt::format("the grid step is {} tokens; it must be from 1 to 2^40", step.count()));
    }
    return checked_mul(step.count(), ranks);
  }

  bool multiples_;
  std::int64_t first_;
  std::int64_t last_ = 0;
};

/// The largest index at most `last` that fits: what a length costs, and a bound from below of what it and every longer
/// one cost.
template <class Exact, class LowerBound>
std::int64_t search(const Positions& grid, std::int64_t last, Bytes budget, Exact exact, LowerBound lower_bound) {
  const auto bound_at = [&](std::int64_t index) { return lower_bound(grid.at(index)); };
  std::int64_t index = LargestFitting(bound_at, budget, last).find();
  while (index > 0 && exact(grid.at(index)) > budget) --index;
  return index;
}

/// The largest index at most `last` at which the device has room.
std::int64_t device_index(const Predictor& p, const Positions& grid, std::int64_t last) {
  return search(
      grid, last, p.job().device.capacity.bytes - p.overhead(), [&](Tokens s) { return p.peak(s).allocated; },
      [&](Tokens s) { return p.peak_lower_bound_from(s); });
}

Bytes on_node(const Predictor& p, Tokens seq) { return host_of_node(p.job(), p.host_peak(seq)); }

bool host_is_limited(const Job& job) { return job.host_memory && uses_host(job.method); }

std::int64_t host_index(const Predictor& p, const Positions& grid) {
  if (!host_is_limited(p.job())) return grid.last();
  const auto bytes_at = [&](std::int64_t index) { return on_node(p, grid.at(index)); };
  return LargestFitting(bytes_at, *p.job().host_memory, grid.last()).find();
}

Wall wall_without(const Predictor& p, const Positions& grid, Category vanished) {
  const std::int64_t index = search(
      grid, grid.last(), p.job().device.capacity.bytes - p.overhead(),
      [&](Tokens s) { return p.peak_without(vanished, s).allocated; },
      [&](Tokens s) { return p.peak_without_lower_bound_from(vanished, s); });
  const Breakdown at_wall = p.breakdown_without(vanished, grid.at(std::max<std::int64_t>(index, 1)));
  return {index > 0 ? grid.at(index) : Tokens(0), at_wall.moment, at_wall.binding};
}

/// Where the host ends the answer, the next wall is the device's own.
void add_host_limit(MaxContext& answer, const Predictor& p, const Positions& grid, std::int64_t of_host) {
  HostLimit host;
  host.capacity = *p.job().host_memory;
  host.needed = on_node(p, answer.breakdown.seq);
  host.tokens = of_host > 0 ? grid.at(of_host) : Tokens(0);
  host.binds = answer.shortfall <= Bytes() || of_host == 0;
  if (host.binds) {
    answer.shortfall = on_node(p, answer.next) - host.capacity;
    const std::int64_t of_device = device_index(p, grid, grid.last());
    const Breakdown there = p.breakdown(grid.at(std::max<std::int64_t>(of_device, 1)));
    answer.next_wall = {of_device > 0 ? grid.at(of_device) : Tokens(0), there.moment, there.binding};
  }
  answer.host = host;
}

}  // namespace

Tokens longest_context(const Predictor& predictor, const Grid& grid) {
  const Positions positions(grid, token_runs(predictor.job()));
  const std::int64_t host = host_index(predictor, positions);
  const std::int64_t index = host > 0 ? device_index(predictor, positions, host) : 0;
  return index > 0 ? positions.at(index) : Tokens(0);
}

MaxContext max_context(const Predictor& predictor, const Grid& grid) {
  const Positions positions(grid, token_runs(predictor.job()));
  const std::int64_t of_host = host_index(predictor, positions);
  const std::int64_t index = of_host > 0 ? device_index(predictor, positions, of_host) : 0;
  MaxContext answer;
  answer.capacity = predictor.job().device.capacity.bytes;
  answer.tokens = index > 0 ? positions.at(index) : Tokens(0);
  answer.breakdown = predictor.breakdown(positions.at(std::max<std::int64_t>(index, 1)));
  answer.next = positions.at(index + 1);
  answer.shortfall = predictor.peak(answer.next).allocated + predictor.overhead() - answer.capacity;
  answer.next_wall = wall_without(predictor, positions, answer.breakdown.binding);
  if (host_is_limited(predictor.job())) add_host_limit(answer, predictor, positions, of_host);
  return answer;
}

}  // namespace headroom::sim
