#include <headroom/sim/max_context.h>

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <headroom/models/error.h>

#include "largest_fitting.h"

namespace headroom::sim {
namespace {

constexpr int kLargestPower = 40;
constexpr Tokens kLongest{std::int64_t{1} << kLargestPower};

/// Lengths of a grid by position, counted from 1, up to 2^40 tokens.
class Positions {
 public:
  explicit Positions(const Grid& grid) : grid_(grid) {
    if (grid.kind == Grid::Kind::multiples && (grid.step.count() < 1 || grid.step > kLongest)) {
      throw InputError(fmt::format("the grid step is {} tokens; it must be from 1 to 2^40", grid.step.count()));
    }
  }

  [[nodiscard]] Tokens at(std::int64_t index) const {
    return Tokens(grid_.kind == Grid::Kind::multiples
                      ? index * grid_.step.count()
                      : std::int64_t{1} << std::min<std::int64_t>(index - 1, kLargestPower + 1));
  }
  [[nodiscard]] std::int64_t last() const {
    return grid_.kind == Grid::Kind::multiples ? kLongest.count() / grid_.step.count() : kLargestPower + 1;
  }

 private:
  Grid grid_;
};

/// One search: what a length costs, and a bound from below of what it and every longer one cost.
template <class Exact, class LowerBound>
std::int64_t search(const Positions& grid, Bytes budget, Exact exact, LowerBound lower_bound) {
  const auto bound_at = [&](std::int64_t index) { return lower_bound(grid.at(index)); };
  std::int64_t index = LargestFitting(bound_at, budget, grid.last()).find();
  while (index > 0 && exact(grid.at(index)) > budget) --index;
  return index;
}

std::int64_t longest_index(const Predictor& p, const Positions& grid) {
  return search(
      grid, p.job().device.capacity.bytes - p.overhead(), [&](Tokens s) { return p.peak(s).allocated; },
      [&](Tokens s) { return p.peak_lower_bound_from(s); });
}

Wall wall_without(const Predictor& p, const Positions& grid, Category vanished) {
  const std::int64_t index = search(
      grid, p.job().device.capacity.bytes - p.overhead(),
      [&](Tokens s) { return p.peak_without(vanished, s).allocated; },
      [&](Tokens s) { return p.peak_without_lower_bound_from(vanished, s); });
  const Breakdown at_wall = p.breakdown_without(vanished, grid.at(std::max<std::int64_t>(index, 1)));
  return {index > 0 ? grid.at(index) : Tokens(0), at_wall.moment, at_wall.binding};
}

}  // namespace

Tokens longest_context(const Predictor& predictor, const Grid& grid) {
  const Positions positions(grid);
  const std::int64_t index = longest_index(predictor, positions);
  return index > 0 ? positions.at(index) : Tokens(0);
}

MaxContext max_context(const Predictor& predictor, const Grid& grid) {
  const Positions positions(grid);
  const std::int64_t index = longest_index(predictor, positions);
  MaxContext answer;
  answer.capacity = predictor.job().device.capacity.bytes;
  answer.tokens = index > 0 ? positions.at(index) : Tokens(0);
  answer.breakdown = predictor.breakdown(positions.at(std::max<std::int64_t>(index, 1)));
  answer.next = positions.at(index + 1);
  answer.shortfall = predictor.peak(answer.next).allocated + predictor.overhead() - answer.capacity;
  answer.next_wall = wall_without(predictor, positions, answer.breakdown.binding);
  return answer;
}

}  // namespace headroom::sim
