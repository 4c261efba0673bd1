#pragma once

#include "narration/attention/keys_read.h"
#include "narration/attention/tensors.h"

namespace headroom::sim {

/// Every rank has whole sequences: the core works on the projections themselves.
struct WholeSequences {
  static constexpr SequenceDistribution kValue = SequenceDistribution::none;

  /// Of the rank's tokens.
  static CoreTensors tensors(const LayerContext& ctx) {
    return {ctx, ctx.kept(Category::attention), ctx.kept(Category::attention)};
  }

  /// Whether backward reads o of the rank's tokens once W_o has its gradient.
  template <class Core>
  static constexpr bool reads_output() {
    return Core::kBackwardReadsOutput;
  }

  template <class Core, class S>
  static void forward(S& story, const LayerContext& ctx, const CoreTensors& t, bool keeps) {
    const KeysRead keys(ctx);
    if (keys.are_projected()) return Core::forward(story, ctx, t, keeps);
    const LayerContext core = keys.core();
    Core::forward(story, core, {t.query, keys.store(story, t.kv)}, keeps);
  }

  template <class Core, class S>
  static void backward(S& story, const LayerContext& ctx, const CoreTensors& t) {
    Core::backward(story, ctx, t);
  }
};

}  // namespace headroom::sim
