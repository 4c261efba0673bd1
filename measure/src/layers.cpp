#include "layers.h"

#include "offload.h"
#include "optimizer.h"

namespace headroom::measure {

Layers::Layers(const Run& run, Weights& weights, const std::vector<const LayerKind*>& kinds, const Segments& segments,
               Works& works)
    : run_(run),
      weights_(weights),
      kinds_(kinds),
      way_(layer_way(run)),
      segments_(segments),
      works_(works),
      states_(kinds.size()) {}

LayerSite Layers::site(std::int64_t layer) const {
  const auto index = static_cast<std::size_t>(layer);
  return {run_, layer, *kinds_[index], weights_.layers[index]};
}

Unit Layers::unit(std::int64_t layer) { return layer_unit(weights_.layers[static_cast<std::size_t>(layer)]); }

bool Layers::is_offloaded(std::int64_t layer) const {
  return run_.offloads_checkpoints() && segments_.recomputes && segments_.starts_at(layer);
}

void Layers::forward(Tensor& output) {
  const Pass pass = forward_pass(run_.job.recompute.kind);
  for (std::int64_t layer = 0; layer < segments_.layers; ++layer) {
    run_.enter({"layer forward", layer});
    const bool is_last = layer + 1 == segments_.layers;
    if (is_offloaded(layer)) state(layer).checkpoint = checkpoint_on_host(run_, state(layer).x);
    const bool x_stays = pass.keeps || (segments_.starts_at(layer) && !is_offloaded(layer));
    works_.begin();
    way_.forward(site(layer), state(layer), pass, x_stays, is_last ? output : state(layer + 1).x);
    works_.end();
  }
}

void Layers::enter_recompute(std::int64_t layer) {
  run_.enter({"layer recompute", layer});
  if (is_offloaded(layer)) state(layer).x = checkpoint_from_host(run_, state(layer).checkpoint);
}

void Layers::recompute(std::int64_t segment) {
  const std::int64_t last = segments_.end(segment) - 1;
  for (std::int64_t layer = segments_.first(segment); layer < last; ++layer) {
    enter_recompute(layer);
    works_.begin();
    way_.forward(site(layer), state(layer), kRecompute, true, state(layer + 1).x);
    works_.end();
  }
  enter_recompute(last);
  works_.begin();
  way_.again(site(last), state(last));
}

void Layers::backward_of_segment(std::int64_t segment, const Tensor& residual_gradient) {
  const std::int64_t last = segments_.end(segment) - 1;
  for (std::int64_t layer = last; layer >= segments_.first(segment); --layer) {
    run_.enter({"layer backward", layer});
    const bool is_begun = segments_.recomputes && layer == last;
    if (!is_begun) works_.begin();
    way_.backward(site(layer), state(layer), residual_gradient);
    works_.end();
    finish_backward(run_, unit(layer));
  }
}

void Layers::backward(const Tensor& residual_gradient) {
  for (std::int64_t segment = segments_.count() - 1; segment >= 0; --segment) {
    if (segments_.recomputes) recompute(segment);
    backward_of_segment(segment, residual_gradient);
  }
}

}  // namespace headroom::measure
