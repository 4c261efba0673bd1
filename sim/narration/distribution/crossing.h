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
  Crossing(const StepPlan& plan, Extent rows, const Role& gathered) : plan_(plan), rows_(rows), gathered_(gathered) {}

  /// In front of the first product that reads `own`, which dies when it is `done` with.
  template <class S>
  void enter(S& story, const Tensor& own, bool done) const {
    enter(story);
    story.dies_if(done && exchanges(), own);
  }
  /// Behind the last product that reads it.
  template <class S>
  void entered(S& story, const Tensor& own, bool done) const {
    entered(story);
    story.dies_if(done && !exchanges(), own);
  }
  /// The same where `own` outlives the products.
  template <class S>
  void enter(S& story) const {
    if (!exchanges()) return;
    const Tensor all = of_group(gathered_);
    story.born(all);
    story.gathered_tokens(all);
  }
  template <class S>
  void entered(S& story) const {
    if (exchanges()) story.dies(of_group(gathered_));
  }

  /// In front of the first product that adds to `own`, which is born where it is first written.
  template <class S>
  void begin_sum(S& story, const Tensor& own, bool bears) const {
    if (exchanges()) return story.born(of_group(kSums));
    story.born_if(bears, own);
  }
  /// Behind the last one. `rows` are those of `own` that the products wrote: all, or a block of them.
  template <class S>
  void finish_sum(S& story, const Tensor& own, bool bears) const {
    if (plan_.fixed.ranks.tensor == 1) return;
    const Tensor sums = of_group(kSums);
    if (!exchanges()) return story.summed_in_place(sums);
    story.born_if(bears, own);
    story.scattered_sums(sums);
    story.dies(sums);
  }

 private:
  [[nodiscard]] bool exchanges() const { return plan_.fixed.ranks.splits_tokens; }
  /// Of the group's tokens.
  [[nodiscard]] Tensor of_group(const Role& role) const {
    const Extent all = plan_.grouped(rows_);
    const Shape shape(plan_.batch, all.tokens, plan_.job().model.hidden);
    return {role, all.symbol, shape, plan_.fixed.compute, Category::communication};
  }

  const StepPlan& plan_;
  Extent rows_;
  const Role& gathered_;

  static constexpr Role kSums{"partial sums", "b·#·h", "Korthikanti et al. 4.2.2: reduce-scatter"};
};

inline constexpr Role kGatheredInput{"gathered norm output", "b·#·h", "Korthikanti et al. 4.2.2: all-gather"};
inline constexpr Role kGatheredGradient{"gathered gradient", "b·#·h", "Korthikanti et al. 4.2.2: all-gather"};

}  // namespace headroom::sim
