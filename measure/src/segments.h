#pragma once

#include <algorithm>
#include <cstdint>

#include <headroom/models/method.h>

namespace headroom::measure {

/// The stretches of layers between checkpoints (docs/runtime.md section 4, "Every k"). Without recompute of layers the
/// whole model is one.
struct Segments {
  std::int64_t layers = 1;
  std::int64_t length = 1;
  bool recomputes = false;  ///< whether backward runs a segment's forward again

  [[nodiscard]] std::int64_t count() const { return (layers + length - 1) / length; }
  [[nodiscard]] std::int64_t first(std::int64_t segment) const { return segment * length; }
  /// One behind the segment's last layer.
  [[nodiscard]] std::int64_t end(std::int64_t segment) const { return std::min(layers, first(segment) + length); }
  [[nodiscard]] bool starts_at(std::int64_t layer) const { return layer % length == 0; }
};

[[nodiscard]] inline Segments segments_of(const Recompute& recompute, std::int64_t layers) {
  if (recompute.kind == RecomputeKind::full) return {layers, 1, true};
  if (recompute.kind == RecomputeKind::every) return {layers, std::min(recompute.every, layers), true};
  return {layers, layers, false};
}

}  // namespace headroom::measure
