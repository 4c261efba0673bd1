#pragma once

#include "narration/attention/tensors.h"

namespace headroom::sim {

/// FlashAttention (arXiv 2205.14135, 2307.08691): scores live in tiles inside the kernel's workspace; per row only the
/// fp32 logsumexp is saved. Backward accumulates dq in fp32 and writes dk, dv once per key block.
struct FlashAttention {
  static constexpr Attention kValue = Attention::flash;
  static constexpr bool kBackwardReadsOutput = true;

  template <class S>
  static void forward(S& story, const LayerContext&, const CoreTensors& t, bool keeps) {
    story.born(t.query.o);
    story.born_if(keeps, t.query.lse);
    story.dies_if(!keeps, t.query.q);
    t.kv.k_is_read(story, keeps);
    t.kv.v_is_read(story, keeps);
  }

  template <class S>
  static void backward(S& story, const LayerContext& ctx, const CoreTensors& t) {
    const Accumulated dq{t.query.dq_accumulator, t.query.dq, ctx.accumulates_apart()};
    story.born(t.query.delta);
    story.dies(t.query.o);
    dq.begin(story);
    story.born(t.kv.dk.output);
    story.born(t.kv.dv.output);
    for (const Tensor* read : {&t.query.q, &t.kv.k, &t.kv.v, &t.query.d_o, &t.query.lse, &t.query.delta})
      story.dies(*read);
    dq.finish(story);
  }
};

}  // namespace headroom::sim
