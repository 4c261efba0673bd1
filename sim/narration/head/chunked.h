#pragma once

#include "narration/head/tensors.h"

namespace headroom::sim {

/// From the gradient of a chunk's logits, which dies, to that of the weight and of the chunk's rows of the stream.
template <class S>
void head_chunk_backward(S& story, const HeadTensors& t, const HeadChunk& chunk, bool first) {
  if (first) HeadTensors::writes_gradients(story, true);
  chunk.crossing.entered(story, t.norm_out, false);
  chunk.crossing.begin_sum(story, t.stream.gradient, first);
  story.dies(chunk.logits);
  chunk.crossing.finish_sum(story, t.stream.gradient, first);
}

/// Logits of c_v tokens of each sequence at a time (Mini-Sequence Transformer, arXiv 2407.15892 section 3): forward
/// leaves only the loss, backward computes each chunk's logits again.
struct ChunkedHead {
  static constexpr Head kValue = Head::chunked;

  template <class S>
  static void run(S& story, const HeadTensors& t) {
    const StepPlan& plan = story.plan;
    story.at(Instant::head_forward);
    story.chunks(plan.s, plan.chunk.head, HeadChunk::of(plan), [&](const HeadChunk& chunk, bool first) {
      chunk.crossing.enter(story, t.norm_out, false);
      story.born(chunk.logits);
      chunk.crossing.entered(story, t.norm_out, false);
      chunk.statistics.born(story);
      story.born_if(first && t.bears_loss, t.loss);
      chunk.statistics.die(story);
      story.dies(chunk.logits);
    });
    story.at(Instant::head_backward);
    story.chunks(plan.s, plan.chunk.head, HeadChunk::of(plan), [&](const HeadChunk& chunk, bool first) {
      chunk.crossing.enter(story, t.norm_out, false);
      story.born(chunk.logits);
      chunk.statistics.born(story);
      chunk.statistics.die(story);
      head_chunk_backward(story, t, chunk, first);
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
    story.chunks(plan.s, plan.chunk.head, HeadChunk::of(plan), [&](const HeadChunk& chunk, bool first) {
      chunk.crossing.enter(story, t.norm_out, false);
      story.born(chunk.logits);
      chunk.statistics.born(story);
      story.born_if(first && t.bears_loss, t.loss);
      chunk.statistics.die(story);
      head_chunk_backward(story, t, chunk, first);
    });
    story.dies(t.norm_out);
  }
};

}  // namespace headroom::sim
