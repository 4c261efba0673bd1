#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <headroom/models/job.h>
#include <headroom/sim/predictor.h>

#include "largest_fitting.h"

namespace headroom::sim {

/// Where a limit stands on an axis and what stands there; position 0: nothing fits.
struct AxisWall {
  std::int64_t position = 0;
  Moment moment;
  Category binding{};
};

/// Host memory as a second limit on an axis.
struct AxisHostLimit {
  Bytes needed;  ///< of a node, at the answer
  std::int64_t position = 0;
  bool binds = false;
};

/// The largest position that fits, and what ends it there.
struct AxisLimit {
  std::int64_t position = 0;  ///< 0: not even the first
  Breakdown breakdown;        ///< there, or at the first position
  Bytes shortfall;            ///< bytes missing at the next position, of the memory that binds
  AxisWall next_wall;
  std::optional<AxisHostLimit> host;  ///< where the job offloads and host memory is limited
};

/// Finds how far a job gets along one axis: lengths of a grid, batches. An axis has positions from 1 on, and for each
///   Bytes peak(i), host_peak(i);  Breakdown breakdown(i);    what a rank needs there
///   Bytes bound_from(i)                                      at most the peak there and at every later position
///   peak_without(c, i), bound_without_from(c, i), breakdown_without(c, i)    the same if a category cost nothing
/// and job(), overhead() and last(), the last position. Host memory never falls along it.
template <class Axis>
class LimitSearch {
 public:
  explicit LimitSearch(const Axis& axis)
      : axis_(axis), job_(axis.job()), budget_(job_.device.capacity.bytes - axis.overhead()) {}

  /// Only the position.
  [[nodiscard]] std::int64_t position() const { return position_within(host_position()); }

  [[nodiscard]] AxisLimit limit() const {
    const std::int64_t of_host = host_position();
    AxisLimit answer;
    answer.position = position_within(of_host);
    answer.breakdown = axis_.breakdown(shown(answer.position));
    answer.shortfall = axis_.peak(answer.position + 1) - budget_;
    answer.next_wall = wall_without(answer.breakdown.binding);
    if (host_is_limited()) add_host_limit(answer, of_host);
    return answer;
  }

 private:
  static std::int64_t shown(std::int64_t position) { return std::max<std::int64_t>(position, 1); }

  /// The largest position at most `last` that fits: what one costs, and a bound of it and every later one.
  template <class Exact, class Bound>
  [[nodiscard]] std::int64_t search(std::int64_t last, Exact exact, Bound bound) const {
    std::int64_t position = LargestFitting(bound, budget_, last).find();
    while (position > 0 && exact(position) > budget_) --position;
    return position;
  }

  [[nodiscard]] std::int64_t device_position(std::int64_t last) const {
    return search(
        last, [this](std::int64_t i) { return axis_.peak(i); }, [this](std::int64_t i) { return axis_.bound_from(i); });
  }

  [[nodiscard]] std::int64_t position_within(std::int64_t of_host) const {
    return of_host > 0 ? device_position(of_host) : 0;
  }

  [[nodiscard]] bool host_is_limited() const { return job_.host_memory && uses_host(job_.method); }
  [[nodiscard]] Bytes on_node(std::int64_t position) const { return host_of_node(job_, axis_.host_peak(position)); }
  [[nodiscard]] std::int64_t host_position() const {
    if (!host_is_limited()) return axis_.last();
    const auto bytes_at = [this](std::int64_t position) { return on_node(position); };
    return LargestFitting(bytes_at, *job_.host_memory, axis_.last()).find();
  }

  [[nodiscard]] AxisWall wall_without(Category vanished) const {
    const std::int64_t position = search(
        axis_.last(), [&](std::int64_t i) { return axis_.peak_without(vanished, i); },
        [&](std::int64_t i) { return axis_.bound_without_from(vanished, i); });
    const Breakdown there = axis_.breakdown_without(vanished, shown(position));
    return {position, there.moment, there.binding};
  }

  /// Where the host ends the answer, the next wall is the device's own.
  void add_host_limit(AxisLimit& answer, std::int64_t of_host) const {
    const bool binds = answer.shortfall <= Bytes() || of_host == 0;
    answer.host = {on_node(shown(answer.position)), of_host, binds};
    if (!binds) return;
    answer.shortfall = on_node(answer.position + 1) - *job_.host_memory;
    const std::int64_t of_device = device_position(axis_.last());
    const Breakdown there = axis_.breakdown(shown(of_device));
    answer.next_wall = {of_device, there.moment, there.binding};
  }

  const Axis& axis_;
  const Job& job_;
  Bytes budget_;
};

}  // namespace headroom::sim
