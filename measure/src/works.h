#pragma once

#include <cstdint>
#include <vector>

#include "run.h"
#include "segments.h"

namespace headroom::measure {

/// The works of a micro-batch in order, and whose whole parameters are on the device for them (docs/runtime.md sections
/// 10.2 and 11). Where parameters persist whole on the device, this does nothing.
class Works {
 public:
  Works(const Run& run, Weights& weights, const Segments& segments);

  /// In front of the next work: births the whole parameters of its unit and of those that come ahead, where they do not
  /// live yet.
  void begin();
  /// Behind that work: its unit's whole parameters die, unless a work that they come ahead of has them too.
  void end();

 private:
  /// Whether one of the works [first, end) has the unit.
  [[nodiscard]] bool is_among(std::int64_t first, std::int64_t end, std::int64_t unit) const;
  [[nodiscard]] Unit parameters_of(std::int64_t unit);
  void open(std::int64_t unit);
  void close(std::int64_t unit);

  const Run& run_;
  Weights& weights_;
  std::vector<std::int64_t> units_;  ///< of each work
  std::int64_t depth_ = 0;           ///< how many works ahead a unit comes
  std::int64_t current_ = 0;         ///< works that are done
  std::int64_t fetched_ = 0;         ///< works whose units have come
};

}  // namespace headroom::measure
