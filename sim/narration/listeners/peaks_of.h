#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include <headroom/sim/instant.h>

#include "narration/tensor.h"

namespace headroom::sim {

/// Follows a Level (levels.h) through a narration and keeps its maximum, or its maximum at each kind of instant.
///
/// Equal iterations are listened to once. Over n iterations that each add the same difference to what is alive, every
/// instant's level is linear in the iteration, so its maximum lies in the first iteration (difference <= 0) or in the
/// last (difference > 0):
///
///     before |--iteration 0--|--iteration 1--| ... |--iteration n-1--| after
///              peak p           p + difference        p + (n-1) difference
///
/// The first of equal instants wins, as the policy says.
template <class Level, std::size_t kSlots = 1>
class PeaksOf {
 public:
  static constexpr bool kUnrolls = false;
  static constexpr std::int64_t kNever = -1;
  static_assert(kSlots == 1 || kSlots == kInstantCount);

  /// A maximum: what was alive, when, and how many instants had begun before.
  struct Peak {
    Level level;
    Moment moment;
    std::int64_t order = kNever;  ///< kNever: nothing was born at this kind of instant

    [[nodiscard]] bool exists() const { return order != kNever; }
    [[nodiscard]] bool exceeds(const Peak& other) const {
      return exists() && (!other.exists() || level.total() > other.level.total());
    }
  };

  explicit PeaksOf(Level empty = Level()) : live_(empty) { peaks_.fill(Peak{empty, {}, kNever}); }

  void at(Instant instant) {
    now_.begin(instant);
    ++order_;
  }
  void layer(std::int64_t index) { now_.layer = index; }

  /// What: a Tensor or a TensorGroup.
  template <class What>
  void born(const What& what) {
    live_.born(what);
    Peak& best = peaks_[slot()];
    if (!best.exists() || live_.total() > best.level.total()) {
      best.level = live_;
      best.moment = now_;
      best.order = order_;
    }
  }
  template <class What>
  void dies(const What& what) {
    live_.dies(what);
  }

  template <class Body>
  void repeat(std::int64_t n, std::int64_t layers_per_iteration, Body body) {
    if (n == 1) return body();
    const Level before = live_;
    const std::array<Peak, kSlots> outside = peaks_;
    for (Peak& peak : peaks_) peak.order = kNever;
    body();
    const Level difference = live_.minus(before);
    live_.add_times(n - 1, difference);
    for (std::size_t i = 0; i < kSlots; ++i) {
      Peak& inside = peaks_[i];
      if (inside.exists() && difference.total() > Bytes()) {
        inside.level.add_times(n - 1, difference);
        inside.moment.shift(layers_per_iteration * (n - 1));
      }
      if (!inside.exceeds(outside[i])) inside = outside[i];
    }
    now_.shift(layers_per_iteration * (n - 1));
  }

  [[nodiscard]] const std::array<Peak, kSlots>& peaks() const { return peaks_; }
  [[nodiscard]] const Level& live() const { return live_; }

  /// The maximum over all instants, the first of equal ones.
  [[nodiscard]] const Peak& peak() const {
    const Peak* best = &peaks_.front();
    for (const Peak& candidate : peaks_) {
      const bool tie =
          candidate.exists() && candidate.level.total() == best->level.total() && candidate.order < best->order;
      if (candidate.exceeds(*best) || tie) best = &candidate;
    }
    return *best;
  }

 private:
  [[nodiscard]] std::size_t slot() const { return kSlots == 1 ? 0 : static_cast<std::size_t>(now_.instant); }

  Level live_;
  Moment now_;
  std::int64_t order_ = 0;
  std::array<Peak, kSlots> peaks_;
};

}  // namespace headroom::sim
