#pragma once

#include "layer_state.h"

namespace headroom::measure {

/// How a layer runs. One object a way; none holds anything.
class LayerWay {
 public:
  LayerWay() = default;
  LayerWay(const LayerWay&) = delete;
  LayerWay& operator=(const LayerWay&) = delete;
  virtual ~LayerWay() = default;

  /// Births `output`, the next layer's input; x dies behind its last reader unless it stays. Gathered parameters die.
  virtual void forward(const LayerSite& site, LayerState& state, const Pass& pass, bool x_stays,
                       Tensor& output) const = 0;
  /// Forward again, keeping, for a segment's last layer: it stops at the last tensor that backward reads. Gathered
  /// parameters stay for backward.
  virtual void again(const LayerSite& site, LayerState& state) const = 0;
  /// Updates the residual gradient in place; the state dies.
  virtual void backward(const LayerSite& site, LayerState& state, const Tensor& residual_gradient) const = 0;
};

[[nodiscard]] const LayerWay& sequential_layer();
[[nodiscard]] const LayerWay& blockwise_layer();
[[nodiscard]] const LayerWay& layer_way(const Run& run);

}  // namespace headroom::measure
