#pragma once

#include <vector>

#include "layer.h"
#include "segments.h"
#include "works.h"

namespace headroom::measure {

/// All layers of the model within a micro-batch.
class Layers {
 public:
  Layers(const Run& run, Weights& weights, const std::vector<const LayerKind*>& kinds, const Segments& segments,
         Works& works);

  /// The first layer's input, to be born by the embedding.
  [[nodiscard]] Tensor& input() { return states_.front().x; }
  /// Births `output`.
  void forward(Tensor& output);
  /// Updates the residual gradient in place.
  void backward(const Tensor& residual_gradient);

 private:
  [[nodiscard]] LayerSite site(std::int64_t layer) const;
  [[nodiscard]] Unit unit(std::int64_t layer);
  [[nodiscard]] LayerState& state(std::int64_t layer) { return states_[static_cast<std::size_t>(layer)]; }
  /// Whether the layer's input is a checkpoint that goes to the host.
  [[nodiscard]] bool is_offloaded(std::int64_t layer) const;
  void enter_recompute(std::int64_t layer);
  void recompute(std::int64_t segment);
  void backward_of_segment(std::int64_t segment, const Tensor& residual_gradient);

  const Run& run_;
  Weights& weights_;
  const std::vector<const LayerKind*>& kinds_;
  const LayerWay& way_;
  Segments segments_;
  Works& works_;
  std::vector<LayerState> states_;
};

}  // namespace headroom::measure
