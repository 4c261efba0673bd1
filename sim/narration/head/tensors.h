#pragma once

#include "narration/distribution/crossing.h"
#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// The language-model head over some rows: logits and the loss.
struct HeadTensors {
  explicit HeadTensors(const StepPlan& plan, bool is_first_micro_batch = true)
      : norm_out(kNormOut, plan.whole().symbol, Shape(plan.batch, plan.s, plan.job().model.hidden), plan.fixed.compute,
                 Category::head_and_loss),
        norm_statistics(kNormStatistics, plan.whole().symbol,
                        Shape(plan.batch, plan.s, plan.job().model.norm == Norm::layernorm ? 2 : 1), DType::fp32,
                        Category::head_and_loss),
        loss(kLoss, "", Shape(), DType::fp32, Category::head_and_loss),
        stream(plan),
        bears_loss(is_first_micro_batch) {}

  Tensor norm_out, norm_statistics, loss;
  Stream stream;
  bool bears_loss;  ///< by its first cross-entropy

  /// Logits of `rows`, the rank's part of the vocabulary; cross-entropy leaves their gradient in place.
  [[nodiscard]] static Tensor logits(const StepPlan& plan, Extent rows, DType type) {
    return of_vocabulary(kLogits, plan, rows, type);
  }
  [[nodiscard]] static Tensor d_logits(const StepPlan& plan) {
    return of_vocabulary(kDLogits, plan, plan.whole(), plan.fixed.compute);
  }

  /// The gradients that the head's products write: its own weight, or the embedding it is tied to.
  template <class S>
  static void writes_gradients(S& story, bool first) {
    const ModelWeights& weights = story.plan.fixed.model_weights;
    story.writes_gradient(story.plan.fixed.head_writes_embedding() ? weights.embedding : weights.head.weight, first);
    story.writes_gradient(weights.head.bias, first);
  }

  static constexpr Role kNormOut{"final norm output", "b·#·h", "Korthikanti et al. 4.3: output layer's input"};

 private:
  [[nodiscard]] static Tensor of_vocabulary(const Role& role, const StepPlan& plan, Extent rows, DType type) {
    const Ranks& ranks = plan.fixed.ranks;
    const Extent all = plan.grouped(rows);
    return {role,
            {all.symbol.tokens, vocabulary_symbols(ranks)},
            Shape(plan.batch, all.tokens, vocabulary_part(ranks, plan.job().model)),
            type,
            Category::head_and_loss};
  }

  static constexpr Role kNormStatistics{"final norm statistics", "b·#·n", "runtime policy: norms save row statistics"};
  static constexpr Role kLogits{"logits", "b·#·v", "Korthikanti et al. 4.3: fp32 logits"};
  static constexpr Role kDLogits{"d logits", "b·#·v", "runtime policy: one compute-dtype copy for the products"};
  static constexpr Role kLoss{"loss", "1", "runtime policy: heads"};
};

/// The statistics of each row of logits that ranks form together where each has a part of the vocabulary (Shoeybi et
/// al., arXiv 1909.08053 section 3).
class RowStatistics {
 public:
  RowStatistics(const StepPlan& plan, Extent rows)
      : is_shared_(plan.fixed.ranks.tensor > 1 && plan.counts_row_statistics) {
    if (!is_shared_) return;
    const Extent all = plan.grouped(rows);
    const Shape shape(plan.batch, all.tokens);
    maxima_ = Tensor(kMaxima, all.symbol, shape, DType::fp32, Category::head_and_loss);
    sums_ = Tensor(kSums, all.symbol, shape, DType::fp32, Category::head_and_loss);
    targets_ = Tensor(kTargets, all.symbol, shape, DType::fp32, Category::head_and_loss);
  }

  /// Around the cross-entropy of the rows.
  template <class S>
  void born(S& story) const {
    if (!is_shared_) return;
    for (const Tensor& t : {maxima_, sums_, targets_}) {
      story.born(t);
      story.summed_in_place(t);
    }
  }
  template <class S>
  void die(S& story) const {
    if (!is_shared_) return;
    for (const Tensor& t : {maxima_, sums_, targets_}) story.dies(t);
  }

 private:
  static constexpr const char* kSource = "Megatron-LM, arXiv 1909.08053 section 3";
  static constexpr Role kMaxima{"row maxima of the logits", "b·#", kSource};
  static constexpr Role kSums{"row sums of the logits", "b·#", kSource};
  static constexpr Role kTargets{"target logits", "b·#", kSource};

  bool is_shared_;
  Tensor maxima_, sums_, targets_;
};

/// A chunk of the head's rows.
struct HeadChunk {
  HeadChunk(const StepPlan& plan, std::int64_t tokens)
      : logits(HeadTensors::logits(plan, {tokens, "c_v"}, plan.fixed.compute)),
        statistics(plan, {tokens, "c_v"}),
        crossing(plan, {tokens, "c_v"}, kGatheredInput) {}

  [[nodiscard]] static auto of(const StepPlan& plan) {
    return [&plan](std::int64_t tokens) { return HeadChunk(plan, tokens); };
  }

  Tensor logits;
  RowStatistics statistics;
  Crossing crossing;
};

}  // namespace headroom::sim
