#include "attention_core.h"
#include "attention_kernels.h"

namespace headroom::measure {
namespace {

/// All scores of a layer in one tensor (docs/runtime.md section 5, "Vanilla core").
class VanillaCore : public AttentionCore {
 public:
  void forward(const CoreSite& site, AttentionState& state, const Pass& pass) const override {
    make_scores(site, state, scores_category(pass));
    if (!pass.keeps) {
      state.q.dies();
      state.k.dies();
    }
    drop(site, state, pass.keeps_scores, scores_category(pass));
    const Target o = attention_output(site, state.o, site.queries.count, site.all_queries(), pass);
    site.run.backend.attention_values(o.open(site.run), multiplied(state).view(), state.values(), site.heads);
    if (!pass.keeps_scores) state.scores.dies();
    if (!pass.keeps) state.v.dies();
  }

  [[nodiscard]] bool reads_output() const override { return false; }

  void backward(const CoreSite& site, AttentionState& state, AttentionGradients& gradients) const override {
    if (!state.scores) {
      make_scores(site, state, Category::attention);
      drop(site, state, true, Category::attention);
    }
    Tensor d_scores = values_backward(site, state, gradients);
    softmax_backward(site, state, d_scores);
    scores_backward(site, state, d_scores, gradients);
  }

 private:
  static Category scores_category(const Pass& pass) {
    return pass.keeps_scores ? pass.category(Category::attention) : Category::attention;
  }

  static Tensor scores_tensor(const CoreSite& site, const Label& label) {
    return attention_scores(site, label, site.run.compute, site.queries.count, site.keys.count);
  }

  static void make_scores(const CoreSite& site, AttentionState& state, Category category) {
    state.scores = scores_tensor(site, {"scores", category});
    site.run.backend.attention_scores(state.scores.view(), state.q.view(), state.keys(), site.heads,
                                      site.position_among_keys());
  }

  /// With a mask and a dropped copy where backward follows or the pass keeps, else in place.
  static void drop(const CoreSite& site, AttentionState& state, bool keeps, Category category) {
    if (!site.dropout) return;
    if (keeps) {
      state.scores_mask = attention_scores(site, {"scores dropout mask", category}, kernels::Type::uint8,
                                           site.queries.count, site.keys.count);
      state.dropped_scores = scores_tensor(site, {"dropped scores", category});
    }
    drop_scores(site, multiplied(state).view(), state.scores_mask.view(), state.scores.view());
  }

  /// The scores that are multiplied with v.
  static Tensor& multiplied(AttentionState& state) {
    return state.dropped_scores ? state.dropped_scores : state.scores;
  }

  /// Births dv, then the gradient of the scores.
  static Tensor values_backward(const CoreSite& site, AttentionState& state, AttentionGradients& gradients) {
    const Run& run = site.run;
    const kernels::View dv = value_gradient(site, gradients.v, site.keys.count).open(run);
    run.backend.attention_values_backward_v(dv, multiplied(state).view(), gradients.o.view(), site.heads);
    state.dropped_scores.dies();
    Tensor d_scores = scores_tensor(site, {"gradient of the scores", Category::attention});
    run.backend.attention_values_backward_scores(d_scores.view(), gradients.o.view(), state.v.view(), site.heads);
    gradients.o.dies();
    state.v.dies();
    return d_scores;
  }

  static void softmax_backward(const CoreSite& site, AttentionState& state, const Tensor& d_scores) {
    kernels::Backend& backend = site.run.backend;
    const kernels::Dropout& dropout = site.dropout;
    if (dropout) backend.dropout_backward(d_scores.view(), d_scores.view(), state.scores_mask.view(), dropout);
    state.scores_mask.dies();
    backend.softmax_backward(d_scores.view(), state.scores.view());
    state.scores.dies();
  }

  static void scores_backward(const CoreSite& site, AttentionState& state, Tensor& d_scores,
                              AttentionGradients& gradients) {
    const Run& run = site.run;
    const kernels::View dq = query_gradient(site, gradients.q, site.queries.count, site.all_queries()).open(run);
    run.backend.attention_scores_backward_q(dq, d_scores.view(), state.k.view(), site.heads);
    state.k.dies();
    const kernels::View dk = key_gradient(site, gradients.k, site.keys.count).open(run);
    run.backend.attention_scores_backward_k(dk, d_scores.view(), state.q.view(), site.heads);
    d_scores.dies();
    state.q.dies();
  }
};

}  // namespace

const AttentionCore& vanilla_core() {
  static const VanillaCore core;
  return core;
}

}  // namespace headroom::measure
