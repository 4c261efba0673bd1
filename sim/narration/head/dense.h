#pragma once

#include "narration/head/tensors.h"

namespace headroom::sim {

/// One logit tensor of the whole sequence, its gradient in place. Type kLogitsInFp32: fp32 logits (Korthikanti et al.
/// 4.3) and, for other compute types, one copy for the products; else logits in compute dtype.
template <Head kHead, bool kLogitsInFp32>
struct DenseHead {
  static constexpr Head kValue = kHead;

  template <class S>
  static void run(S& story, const HeadTensors& t) {
    const StepPlan& plan = story.plan;
    const Tensor logits = HeadTensors::logits(plan, plan.whole(), kLogitsInFp32 ? DType::fp32 : plan.fixed.compute);
    const Tensor copy = HeadTensors::d_logits(plan);
    const bool copies = logits.dtype != plan.fixed.compute;
    const Crossing crossing(plan, plan.whole(), kGatheredInput);
    const RowStatistics statistics(plan, plan.whole());
    story.at(Instant::head_forward);
    crossing.enter(story, t.norm_out, true);
    story.born(logits);
    statistics.born(story);
    story.born_if(t.bears_loss, t.loss);
    statistics.die(story);
    story.at(Instant::head_backward);
    story.born_if(copies, copy);
    story.dies_if(copies, logits);
    HeadTensors::writes_gradients(story, true);
    crossing.entered(story, t.norm_out, true);
    crossing.begin_sum(story, t.stream.gradient, true);
    story.dies(copies ? copy : logits);
    crossing.finish_sum(story, t.stream.gradient, true);
  }
};

}  // namespace headroom::sim
