#pragma once

#include "attention.h"
#include "feed_forward.h"
#include "layer_site.h"

namespace headroom::measure {

/// What lives of a layer between its passes.
struct LayerState {
  Tensor x;           ///< the layer's input
  Tensor checkpoint;  ///< its copy on the host, where it is offloaded
  AttentionState attention;
  Tensor r;
  FeedForwardState feed_forward;
};

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
