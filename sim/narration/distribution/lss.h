#pragma once

#include "narration/attention/tensors.h"

namespace headroom::sim {

/// Long Short-Sequence Transformer (arXiv 2311.02382 section 3): queries stay distributed, every rank gathers all keys
/// and values.
struct GatheredKeyValues {
  static constexpr SequenceDistribution kValue = SequenceDistribution::lss;

  static CoreTensors tensors(const LayerContext& ctx) {
    return {ctx, ctx.kept(Category::attention), Category::attention};
  }

  template <class Core>
  static constexpr bool reads_output() {
    return Core::kBackwardReadsOutput;
  }

  template <class Core, class S>
  static void forward(S& story, const LayerContext& ctx, const CoreTensors& t, bool keeps) {
    const LayerContext core = against_all_keys(ctx);
    CoreTensors all(core, ctx.kept(Category::attention), ctx.kept(Category::attention));
    all.query.o = t.query.o;
    story.born(all.kv.k);
    story.born(all.kv.v);
    story.dies(t.kv.k);
    story.dies(t.kv.v);
    Core::forward(story, core, all, keeps);
  }

  template <class Core, class S>
  static void backward(S& story, const LayerContext& ctx, const CoreTensors& t) {
    const LayerContext core = against_all_keys(ctx);
    const CoreTensors all(core, ctx.kept(Category::attention), ctx.kept(Category::attention));
    Core::backward(story, core, all);
    story.born(t.kv.dk.output);
    story.born(t.kv.dv.output);
    story.dies(all.kv.dk.output);
    story.dies(all.kv.dv.output);
  }

 private:
  static LayerContext against_all_keys(LayerContext ctx) {
    ctx.keys = {ctx.plan.all, {"s", ctx.part.symbols}};
    return ctx;
  }
};

}  // namespace headroom::sim
