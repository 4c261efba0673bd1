#pragma once

#include "narration/attention/tensors.h"

namespace headroom::sim {

/// Attention with its scores written out: [b, a, s, s] in compute dtype, softmax in place (Vaswani et al. 2017; memory
/// as in Korthikanti et al. 4.1: 5as^2b bytes with dropout).
struct VanillaAttention {
  static constexpr Attention kValue = Attention::vanilla;
  static constexpr bool kBackwardReadsOutput = false;

  struct Scores {
    explicit Scores(const LayerContext& ctx)
        : Scores(ctx, ctx.plan.fixed.keeps_scores ? ctx.kept(Category::attention) : Category::attention) {}
    Scores(const LayerContext& ctx, Category category)
        : Scores(ctx, Shape(ctx.b, ctx.heads, ctx.queries.tokens, ctx.keys.tokens), category) {}

    Tensor probabilities, mask, dropped, gradient;

    template <class S>
    void born(S& story, bool with_dropout) const {
      story.born(probabilities);
      story.born_if(with_dropout, mask);
      story.born_if(with_dropout, dropped);
    }

   private:
    static constexpr Role kProbabilities{"attention probabilities", "b·a·#·s",
                                         "Korthikanti et al. 4.1: softmax output"};
    static constexpr Role kMask{"attention dropout mask", "b·a·#·s", "Korthikanti et al. 4.1"};
    static constexpr Role kDropped{"dropped probabilities", "b·a·#·s", "Korthikanti et al. 4.1: dropout output"};
    static constexpr Role kGradient{"d attention probabilities", "b·a·#·s",
                                    "runtime policy: no third score-sized tensor"};

    Scores(const LayerContext& ctx, const Shape& shape, Category category)
        : probabilities(kProbabilities, ctx.queries.symbol, shape, ctx.compute, category),
          mask(kMask, ctx.queries.symbol, shape, DType::uint8, category),
          dropped(kDropped, ctx.queries.symbol, shape, ctx.compute, category),
          gradient(kGradient, ctx.queries.symbol, shape, ctx.compute, Category::attention) {}
  };

  template <class S>
  static void forward(S& story, const LayerContext& ctx, const CoreTensors& t, bool keeps) {
    const Scores scores(ctx);
    const bool keeps_scores = keeps && ctx.plan.fixed.keeps_scores;
    story.born(scores.probabilities);
    story.dies_if(!keeps, t.query.q);
    t.kv.k_is_read(story, keeps);
    story.born_if(ctx.dropout && keeps_scores, scores.mask);
    story.born_if(ctx.dropout && keeps_scores, scores.dropped);
    story.born(t.query.o);
    story.dies_if(!keeps_scores, scores.probabilities);
    t.kv.v_is_read(story, keeps);
  }

  /// From d_o, q, k, v and the probabilities to dq, dk, dv; each dies behind its last use.
  template <class S>
  static void backward(S& story, const LayerContext& ctx, const CoreTensors& t) {
    const Scores scores(ctx);
    if (!ctx.plan.fixed.keeps_scores) {
      story.at(Instant::attention_recompute);
      scores.born(story, ctx.dropout);
      story.at(Instant::attention_backward);
    }
    story.born(t.kv.dv.output);
    story.dies_if(ctx.dropout, scores.dropped);
    story.born(scores.gradient);
    story.dies(t.query.d_o);
    story.dies(t.kv.v);
    story.dies_if(ctx.dropout, scores.mask);
    story.dies(scores.probabilities);  // softmax backward wrote the scores' gradient in place
    story.born(t.query.dq);
    story.dies(t.kv.k);
    story.born(t.kv.dk.output);
    story.dies(scores.gradient);
    story.dies(t.query.q);
  }
};

}  // namespace headroom::sim
