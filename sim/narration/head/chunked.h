#pragma once

#include "narration/head/tensors.h"

namespace headroom::sim {

/// Logits of c_v tokens of each sequence at a time (Mini-Sequence Transformer, arXiv 2407.15892 section 3): forward
/// leaves only the loss, backward computes each chunk's logits again.
struct ChunkedHead {
  static constexpr Head kValue = Head::chunked;

  template <class S>
  static void run(S& story, const HeadTensors& t) {
    const StepPlan& plan = story.plan;
    story.at(Instant::head_forward);
    story.chunks(plan.s, plan.chunk.head, HeadTensors::chunk_logits(plan), [&](const Tensor& logits, bool first) {
      story.born(logits);
      story.born_if(first, t.loss);
      story.dies(logits);
    });
    story.at(Instant::head_backward);
    story.chunks(plan.s, plan.chunk.head, HeadTensors::chunk_logits(plan), [&](const Tensor& logits, bool first) {
      story.born(logits);
      if (first) HeadTensors::writes_gradients(story, true);
      story.born_if(first, t.stream.gradient);
      story.dies(logits);
    });
    story.dies(t.norm_out);
  }
};

/// Fused linear and cross-entropy (Liger kernel, arXiv 2410.10989): each chunk's gradients of hidden states and weight
/// are written as soon as its loss is known, so nothing is computed twice.
struct FusedHead {
  static constexpr Head kValue = Head::fused;

  template <class S>
  static void run(S& story, const HeadTensors& t) {
    const StepPlan& plan = story.plan;
    story.at(Instant::head_forward);
    story.chunks(plan.s, plan.chunk.head, HeadTensors::chunk_logits(plan), [&](const Tensor& logits, bool first) {
      story.born(logits);
      story.born_if(first, t.loss);
      if (first) HeadTensors::writes_gradients(story, true);
      story.born_if(first, t.stream.gradient);
      story.dies(logits);
    });
    story.dies(t.norm_out);
  }
};

}  // namespace headroom::sim
