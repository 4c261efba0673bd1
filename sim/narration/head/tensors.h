#pragma once

#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// The language-model head over some rows: logits and the loss.
struct HeadTensors {
  explicit HeadTensors(const StepPlan& plan)
      : norm_out(kNormOut, plan.whole().symbol, Shape(plan.batch, plan.s, plan.job().model.hidden), plan.fixed.compute,
                 Category::head_and_loss),
        norm_statistics(kNormStatistics, plan.whole().symbol,
                        Shape(plan.batch, plan.s, plan.job().model.norm == Norm::layernorm ? 2 : 1), DType::fp32,
                        Category::head_and_loss),
        loss(kLoss, "", Shape(), DType::fp32, Category::head_and_loss),
        stream(plan) {}

  Tensor norm_out, norm_statistics, loss;
  Stream stream;

  /// Logits of `rows`; cross-entropy leaves their gradient in place.
  [[nodiscard]] static Tensor logits(const StepPlan& plan, Extent rows, DType type) {
    return {kLogits, rows.symbol, Shape(plan.batch, rows.tokens, plan.job().model.vocab), type,
            Category::head_and_loss};
  }
  /// Logits of c_v tokens in compute dtype.
  [[nodiscard]] static auto chunk_logits(const StepPlan& plan) {
    return [&plan](std::int64_t tokens) { return logits(plan, {tokens, "c_v"}, plan.fixed.compute); };
  }
  [[nodiscard]] static Tensor d_logits(const StepPlan& plan) {
    return {kDLogits, plan.whole().symbol, Shape(plan.batch, plan.s, plan.job().model.vocab), plan.fixed.compute,
            Category::head_and_loss};
  }

  /// The gradients that the head's products write: its own weight, or the embedding it is tied to.
  template <class S>
  static void writes_gradients(S& story, bool first) {
    const ModelWeights& weights = story.plan.fixed.model_weights;
    story.writes_gradient(story.plan.job().model.tied_embeddings ? weights.embedding : weights.head.weight, first);
    story.writes_gradient(weights.head.bias, first);
  }

 private:
  static constexpr Role kNormOut{"final norm output", "b·#·h", "Korthikanti et al. 4.3: output layer's input"};
  static constexpr Role kNormStatistics{"final norm statistics", "b·#·n", "runtime policy: norms save row statistics"};
  static constexpr Role kLogits{"logits", "b·#·v", "Korthikanti et al. 4.3: fp32 logits"};
  static constexpr Role kDLogits{"d logits", "b·#·v", "runtime policy: one compute-dtype copy for the products"};
  static constexpr Role kLoss{"loss", "1", "runtime policy: heads"};
};

}  // namespace headroom::sim
