#pragma once

#include <array>
#include <optional>

#include <headroom/models/checked.h>

#include "narration/feed_forward/intermediate.h"
#include "narration/feed_forward/norm_output.h"
#include "narration/layer/branch.h"

namespace headroom::sim {

/// Rows that the experts of a layer have places for when `rows` tokens choose: each for its K experts, or a capacity an
/// expert (Switch Transformer, arXiv 2101.03961 section 2.2).
[[nodiscard]] inline std::int64_t places(const Experts& experts, std::int64_t rows) {
  const std::int64_t chosen = checked_mul(rows, experts.per_token);
  if (!experts.capacity_factor) return chosen;
  return checked_mul(experts.count, (*experts.capacity_factor * Rational(chosen, experts.count)).ceiling());
}

/// The feed-forward that every token passes beside the experts it chose (DeepSeekMoE, arXiv 2401.06066 section 3.2).
class SharedExpert {
 public:
  SharedExpert(const LayerContext& ctx, Extent rows, Category category)
      : weights_(ctx.weights),
        rows_(ctx, kRoles, rows.symbol, Shape(ctx.b, rows.tokens, ctx.part.shared_hidden), category),
        has_gate_(ctx.kind.experts->shared_gate),
        gate_values_(kGateValues, rows.symbol, Shape(ctx.b, rows.tokens), DType::fp32, category),
        d_gate_(kDGate, rows.symbol, Shape(ctx.b, rows.tokens), DType::fp32, Category::feed_forward) {}

  /// The last to read the norm's output; adds to the branch's.
  template <class S>
  void forward(S& story, const NormOutput& norm_out, bool keeps) const {
    rows_.begin(story);
    story.born_if(has_gate_, gate_values_);
    norm_out.entered(story, norm_out.forward_is_done(keeps));
    rows_.activate(story, keeps);
    if (keeps) return;
    story.dies(rows_.output(keeps));
    story.dies_if(has_gate_, gate_values_);
  }

  template <class S>
  void output_backward(S& story, bool first) const {
    story.writes_gradients(weights_.shared_down, first);
    story.born(rows_.d_activated);
  }

  /// The last to read the norm's output; adds to its gradient.
  template <class S>
  void backward(S& story, const NormOutput& norm_out, bool first) const {
    story.born_if(has_gate_, d_gate_);
    story.dies_if(has_gate_, gate_values_);
    story.dies(rows_.activated);
    rows_.activation_backward(story);
    if (rows_.gated) story.writes_gradients(weights_.shared_gate, first);
    story.writes_gradients(weights_.shared_up, first);
    story.writes_gradient(weights_.shared_expert_gate, first);
    norm_out.entered(story, norm_out.backward_is_done());
    rows_.gradients_die(story);
    story.dies_if(has_gate_, d_gate_);
  }

 private:
  static constexpr const char* kSource = "DeepSeekMoE, arXiv 2401.06066 section 3.2";
  static constexpr IntermediateRoles kRoles{{"shared gate", "b·#·F", kSource},
                                            {"shared up", "b·#·F", kSource},
                                            {"shared activation output", "b·#·F", kSource},
                                            {"d shared activation output", "b·#·F", kSource}};
  static constexpr Role kGateValues{"shared expert's gate values", "b·#", "Qwen1.5-MoE"};
  static constexpr Role kDGate{"d shared expert's gate", "b·#", "Qwen1.5-MoE"};

  const LayerWeights& weights_;
  Intermediate rows_;
  bool has_gate_;
  Tensor gate_values_, d_gate_;
};

/// A mixture of experts, from the norm's output to the branch (Shazeer et al., arXiv 1701.06538; Switch Transformer,
/// arXiv 2101.03961): a router chooses, each token is copied to a place at every expert it chose, and the experts'
/// outputs are summed by the weights of the choice.
class ExpertFeedForward {
 public:
  /// `rows` as products see them.
  ExpertFeedForward(const LayerContext& ctx, Extent rows, Category category)
      : ExpertFeedForward(ctx, *ctx.kind.experts, rows, checked_mul(ctx.b, rows.tokens), category) {}

  template <class S>
  void forward(S& story, const NormOutput& norm_out, const Branch& branch, const Tensor& x, bool keeps,
               Output output) const {
    norm_out.enter(story, norm_out.forward_is_done(keeps));
    story.born(logits_);
    for (const Tensor& t : choice_) story.born(t);
    story.dies(logits_);
    story.born(placed_);
    if (!shared_) norm_out.entered(story, norm_out.forward_is_done(keeps));
    rows_.begin(story);
    story.dies(placed_);
    rows_.activate(story, keeps);
    story.born(outputs_);
    story.dies_if(!keeps, rows_.output(keeps));
    branch.forward(story, x, keeps, output, [&] {
      if (!keeps) summed_up(story);
      if (shared_) shared_->forward(story, norm_out, keeps);
    });
  }

  /// From the stream's gradient to that of the norm's output.
  template <class S>
  void backward(S& story, const NormOutput& norm_out, const Branch& branch, bool first) const {
    branch.backward_begin(story, first);  // then d outputs over outputs, d chosen logits over the choice's weights
    if (shared_) shared_->output_backward(story, first);
    branch.backward_end(story);
    story.writes_gradients(weights_.down, first);
    story.dies(rows_.activated);
    story.born(rows_.d_activated);
    story.dies(outputs_);
    rows_.activation_backward(story);
    norm_out.enter(story, norm_out.backward_is_done());
    placed_backward(story, first);
    norm_out.begin_gradient(story, first);
    story.dies(d_placed_);
    router_backward(story, norm_out, first);
    if (shared_) shared_->backward(story, norm_out, first);
    norm_out.finish_gradient(story, first);
  }

 private:
  /// Every token has its sum.
  template <class S>
  void summed_up(S& story) const {
    story.dies(outputs_);
    for (const Tensor& t : choice_) story.dies(t);
  }

  /// The placed rows are there again for the gradients of the weights that read them.
  template <class S>
  void placed_backward(S& story, bool first) const {
    story.born(placed_);
    if (rows_.gated) story.writes_gradients(weights_.gate, first);
    story.writes_gradients(weights_.up, first);
    story.dies(placed_);
    story.born(d_placed_);
    rows_.gradients_die(story);
  }

  template <class S>
  void router_backward(S& story, const NormOutput& norm_out, bool first) const {
    story.born(d_logits_);
    for (const Tensor& t : choice_) story.dies(t);
    story.writes_gradients(weights_.router, first);
    if (!shared_) norm_out.entered(story, norm_out.backward_is_done());
    story.dies(d_logits_);
  }

  /// How the tensors that have a row a place are known: with a capacity their number does not follow from the choices.
  struct PlaceRoles {
    IntermediateRoles intermediate;
    Role placed, outputs, d_placed;
  };

  ExpertFeedForward(const LayerContext& ctx, const Experts& experts, Extent rows, std::int64_t tokens,
                    Category category)
      : ExpertFeedForward(ctx, experts, rows, experts.capacity_factor ? kWithCapacity : kAllChoices, tokens,
                          places(experts, tokens), category) {}

  ExpertFeedForward(const LayerContext& ctx, const Experts& experts, Extent rows, const PlaceRoles& roles,
                    std::int64_t tokens, std::int64_t all_places, Category category)
      : weights_(ctx.weights),
        rows_(ctx, roles.intermediate, rows.symbol, Shape(all_places, ctx.part.ffn_hidden), category),
        logits_(kLogits, rows.symbol, Shape(tokens, experts.count), DType::fp32, Category::feed_forward),
        d_logits_(kDLogits, rows.symbol, Shape(tokens, experts.count), DType::fp32, Category::feed_forward),
        choice_{Tensor(kChosen, rows.symbol, Shape(tokens, experts.per_token), DType::int32, category),
                Tensor(kPlaces, rows.symbol, Shape(tokens, experts.per_token), DType::int32, category),
                Tensor(kWeights, rows.symbol, Shape(tokens, experts.per_token), DType::fp32, category),
                Tensor(kFirst, rows.symbol, Shape(checked_add(experts.count, 1)), DType::int32, category)},
        placed_(roles.placed, rows.symbol, Shape(all_places, ctx.h), ctx.compute, Category::feed_forward),
        outputs_(roles.outputs, rows.symbol, Shape(all_places, ctx.h), ctx.compute, category),
        d_placed_(roles.d_placed, rows.symbol, Shape(all_places, ctx.h), ctx.compute, Category::feed_forward) {
    if (experts.shared_hidden) shared_.emplace(ctx, rows, category);
  }

  static constexpr const char* kSource = "Shazeer et al., arXiv 1701.06538 section 2";
  static constexpr const char* kSwitch = "Switch Transformer, arXiv 2101.03961 section 2.2";
  static constexpr Role kLogits{"router logits", "b·#·E", kSource};
  static constexpr Role kDLogits{"d router logits", "b·#·E", kSource};
  static constexpr Role kChosen{"chosen experts", "b·#·K", kSource};
  static constexpr Role kPlaces{"places of tokens", "b·#·K", kSource};
  static constexpr Role kWeights{"weights of the choice", "b·#·K", kSource};
  static constexpr Role kFirst{"experts' first places", "E+1", kSource};
  static constexpr PlaceRoles kAllChoices{
      {{"experts' gate", "b·#·K·f", kSource},
       {"experts' up", "b·#·K·f", kSource},
       {"experts' activation output", "b·#·K·f", kSource},
       {"d experts' activation output", "b·#·K·f", "runtime policy: elementwise gradients in place"}},
      {"placed rows", "b·#·K·h", kSource},
      {"expert outputs", "b·#·K·h", kSource},
      {"d placed rows", "b·#·K·h", kSource}};
  static constexpr PlaceRoles kWithCapacity{
      {{"experts' gate", "E·C·f", kSwitch},
       {"experts' up", "E·C·f", kSwitch},
       {"experts' activation output", "E·C·f", kSwitch},
       {"d experts' activation output", "E·C·f", "runtime policy: elementwise gradients in place"}},
      {"placed rows", "E·C·h", kSwitch},
      {"expert outputs", "E·C·h", kSwitch},
      {"d placed rows", "E·C·h", kSwitch}};

  const LayerWeights& weights_;
  Intermediate rows_;
  Tensor logits_, d_logits_;
  std::array<Tensor, 4> choice_;
  Tensor placed_, outputs_, d_placed_;
  std::optional<SharedExpert> shared_;
};

}  // namespace headroom::sim
