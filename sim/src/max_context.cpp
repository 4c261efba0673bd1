#include <headroom/sim/max_context.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/error.h>

#include "limit_search.h"

namespace headroom::sim {
namespace {

constexpr int kLargestPower = 40;
static_assert(kLongestContext.count() == std::int64_t{1} << kLargestPower);

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
    last_ = multiples_ ? kLongestContext.count() / first_
                       : kLargestPower + 1 - std::countr_zero(static_cast<std::uint64_t>(first_));
    if (last_ < 1) throw InputError(fmt::format("{} sequence ranks are more than 2^40 tokens can be shared by", ranks));
  }

  [[nodiscard]] Tokens at(std::int64_t index) const {
    return Tokens(multiples_ ? index * first_ : first_ << std::min<std::int64_t>(index - 1, last_));
  }
  [[nodiscard]] std::int64_t last() const { return last_; }

 private:
  static std::int64_t first_multiple(Tokens step, std::int64_t ranks) {
    if (step.count() < 1 || step > kLongestContext) {
      throw InputError(fmt::format("the grid step is {} tokens; it must be from 1 to 2^40", step.count()));
    }
    return checked_mul(step.count(), ranks);
  }

  bool multiples_;
  std::int64_t first_;
  std::int64_t last_ = 0;
};

/// The lengths of a grid, for a search.
class Lengths {
 public:
  Lengths(const Predictor& predictor, const Grid& grid)
      : predictor_(predictor), positions_(grid, token_runs(predictor.job())) {}

  [[nodiscard]] const Job& job() const { return predictor_.job(); }
  [[nodiscard]] Bytes overhead() const { return predictor_.overhead(); }
  [[nodiscard]] std::int64_t last() const { return positions_.last(); }
  [[nodiscard]] Tokens tokens(std::int64_t i) const { return i > 0 ? positions_.at(i) : Tokens(0); }

  [[nodiscard]] Bytes peak(std::int64_t i) const { return predictor_.peak(tokens(i)).allocated; }
  [[nodiscard]] Bytes bound_from(std::int64_t i) const { return predictor_.peak_lower_bound_from(tokens(i)); }
  [[nodiscard]] Bytes peak_without(Category vanished, std::int64_t i) const {
    return predictor_.peak_without(vanished, tokens(i)).allocated;
  }
  [[nodiscard]] Bytes bound_without_from(Category vanished, std::int64_t i) const {
    return predictor_.peak_without_lower_bound_from(vanished, tokens(i));
  }
  [[nodiscard]] Bytes host_peak(std::int64_t i) const { return predictor_.host_peak(tokens(i)); }
  [[nodiscard]] Breakdown breakdown(std::int64_t i) const { return predictor_.breakdown(tokens(i)); }
  [[nodiscard]] Breakdown breakdown_without(Category vanished, std::int64_t i) const {
    return predictor_.breakdown_without(vanished, tokens(i));
  }

 private:
  const Predictor& predictor_;
  Positions positions_;
};

}  // namespace

Tokens longest_context(const Predictor& predictor, const Grid& grid) {
  const Lengths lengths(predictor, grid);
  return lengths.tokens(LimitSearch(lengths).position());
}

MaxContext max_context(const Predictor& predictor, const Grid& grid) {
  const Lengths lengths(predictor, grid);
  AxisLimit limit = LimitSearch(lengths).limit();
  const Job& job = predictor.job();
  const AxisWall& wall = limit.next_wall;
  MaxContext answer;
  answer.tokens = lengths.tokens(limit.position);
  answer.capacity = job.device.capacity.bytes;
  answer.breakdown = std::move(limit.breakdown);
  answer.next = lengths.tokens(limit.position + 1);
  answer.shortfall = limit.shortfall;
  answer.next_wall = {lengths.tokens(wall.position), wall.moment, wall.binding};
  if (const auto& host = limit.host) {
    answer.host = {host->needed, *job.host_memory, lengths.tokens(host->position), host->binds};
  }
  return answer;
}

}  // namespace headroom::sim
