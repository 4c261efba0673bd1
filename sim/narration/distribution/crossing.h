#pragma once

#include "narration/plan.h"
#include "narration/story.h"
#include "narration/tensor.h"

namespace headroom::sim {

/// Between a rank's own tokens and those of its tensor group, around the products whose weights the group shares
/// (Korthikanti et al., arXiv 2205.05198 section 4.2). With Megatron-SP what products read is gathered and what they
/// write is scattered; else ranks have the same tokens, nothing is gathered, and sums are formed in place.
class Crossing {
 public:
  Crossing(const StepPlan& plan, Extent rows, const Role& gathered) : ranks_(plan.fixed.ranks) {
    if (ranks_.tensor == 1) return;
    const Extent all = plan.grouped(rows);
    const Shape shape(plan.batch, all.tokens, plan.job().model.hidden);
    gathered_ = Tensor(gathered, all.symbol, shape, plan.fixed.compute, Category::communication);
    sums_ = Tensor(kSums, all.symbol, shape, plan.fixed.compute, Category::communication);
  }

  /// In front of the first product that reads `own`, which dies when it is `done` with.
  template <class S>
  void enter(S& story, const Tensor& own, bool done) const {
    if (!exchanges()) return;
    story.born(gathered_);
    story.gathered_tokens(gathered_);
    story.dies_if(done, own);
  }
  /// Behind the last product that reads it.
  template <class S>
  void entered(S& story, const Tensor& own, bool done) const {
    if (exchanges()) return story.dies(gathered_);
    story.dies_if(done, own);
  }

  /// In front of the first product that adds to `own`, which is born where it is first written.
  template <class S>
  void begin_sum(S& story, const Tensor& own, bool bears) const {
    if (exchanges()) return story.born(sums_);
    story.born_if(bears, own);
  }
  /// Behind the last one. `rows` are those of `own` that the products wrote: all, or a block of them.
  template <class S>
  void finish_sum(S& story, const Tensor& own, bool bears) const {
    if (ranks_.tensor == 1) return;
    if (!exchanges()) return story.summed_in_place(sums_);
    story.born_if(bears, own);
    story.scattered_sums(sums_);
    story.dies(sums_);
  }

 private:
  [[nodiscard]] bool exchanges() const { return ranks_.splits_tokens; }

  const Ranks& ranks_;
  Tensor gathered_;
  Tensor sums_;  ///< of the group's tokens

  static constexpr Role kSums{"partial sums", "b·#·h", "Korthikanti et al. 4.2.2: reduce-scatter"};
};

inline constexpr Role kGatheredInput{"gathered norm output", "b·#·h", "Korthikanti et al. 4.2.2: all-gather"};
inline constexpr Role kGatheredGradient{"gathered gradient", "b·#·h", "Korthikanti et al. 4.2.2: all-gather"};

}  // namespace headroom::sim
