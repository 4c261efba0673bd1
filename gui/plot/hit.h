#pragma once

#include <QPointF>

#include <functional>

#include "model/scene.h"

namespace headroom::gui {

/// From values to pixels.
using ToPixels = std::function<QPointF(double x, double y)>;

/// What a scene shows at the values (x, y).
[[nodiscard]] Hit find_hit(const Scene& scene, double x, double y, const ToPixels& to_pixels);

/// Where the values of one bar's segment, or of one grouped bar, begin and end; x from `left` to `right`.
struct Segment {
  double left = 0;
  double right = 0;
  double from = 0;
  double to = 0;
};
[[nodiscard]] Segment segment_of(const Scene& scene, const Hit& hit);

}  // namespace headroom::gui
