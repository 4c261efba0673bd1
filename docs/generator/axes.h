#pragma once

#include <cstdint>
#include <vector>

#include <headroom/models/bytes.h>

#include "profile.h"

namespace headroom::docs {

/// Where the plot lies in the picture, in pixels.
struct Frame {
  double left = 52;
  double right = 672;
  double top = 56;
  double bottom = 256;
};

/// Bytes to pixels, from zero at the bottom.
class BytesAxis {
 public:
  BytesAxis(const Frame& frame, Bytes most);

  [[nodiscard]] double y(Bytes bytes) const;
  /// Where lines are drawn, in GiB, from zero to the top.
  [[nodiscard]] std::vector<std::int64_t> lines() const;

 private:
  Frame frame_;
  std::int64_t step_gib_;
  std::int64_t top_gib_;
};

/// Stages side by side, each with the width of its kind.
class StageAxis {
 public:
  StageAxis(const Frame& frame, const std::vector<Stage>& stages);

  [[nodiscard]] double begin(std::size_t stage) const { return begins_[stage]; }
  [[nodiscard]] double end(std::size_t stage) const { return begins_[stage + 1]; }

 private:
  std::vector<double> begins_;
};

/// What is alive from x on.
struct Column {
  double x;
  BytesByCategory live;
};

/// Each stage's events evenly over its width, at most one column a pixel; where events are denser, the fullest of them.
[[nodiscard]] std::vector<Column> columns(const std::vector<Stage>& stages, const StageAxis& axis);

}  // namespace headroom::docs
