#pragma once

#include "narration/distribution/crossing.h"
#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// From token ids to the first layer's input.
struct Embedding {
  [[nodiscard]] static Tensor tokens(const StepPlan& plan) { return ids(kTokens, plan, Category::saved_activations); }
  [[nodiscard]] static Tensor targets(const StepPlan& plan) { return ids(kTargets, plan, Category::head_and_loss); }

  /// The gather, summed over tensor ranks.
  template <class S>
  static void gather(S& story, const StepPlan& plan) {
    const Tensor x = Stream(plan).input;
    const Crossing crossing(plan, plan.whole(), kGatheredGradient);
    crossing.begin_sum(story, x, true);
    crossing.finish_sum(story, x, true);
  }

 private:
  [[nodiscard]] static Tensor ids(const Role& role, const StepPlan& plan, Category category) {
    const Extent all = plan.grouped(plan.whole());
    return {role, all.symbol, Shape(plan.batch, all.tokens), DType::int32, category};
  }

  static constexpr Role kTokens{"token ids", "b·#", "runtime policy: embedding"};
  static constexpr Role kTargets{"target ids", "b·#", "runtime policy: heads"};
};

}  // namespace headroom::sim
