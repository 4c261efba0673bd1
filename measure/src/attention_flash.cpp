#include "accumulator.h"
#include "attention_core.h"

namespace headroom::measure {
namespace {

kernels::AttentionBlock whole_block(const LayerSite& site) {
  const kernels::Position whole = position(site.run, site.run.whole());
  return {site.heads(), whole, whole, site.attention_dropout()};
}

/// Score tiles in the workspace (docs/runtime.md section 5, "Flash core").
class FlashCore : public AttentionCore {
 public:
  void forward(const LayerSite& site, AttentionState& state, const Pass& pass) const override {
    const Run& run = site.run;
    const Category category = pass.category(Category::attention);
    state.o = attention_output(site, run.seq(), category);
    if (pass.keeps) state.logsumexp = attention_rows(site, "logsumexp", run.seq(), category);
    run.backend.flash(state.o.view(), state.logsumexp.view(), state.q.view(), state.k.view(), state.v.view(),
                      whole_block(site));
    if (!pass.keeps) inputs_die(state);
  }

  [[nodiscard]] bool reads_output() const override { return true; }

  void backward(const LayerSite& site, AttentionState& state, AttentionGradients& gradients) const override {
    const Run& run = site.run;
    Tensor delta = attention_rows(site, "D", run.seq());
    run.backend.attention_delta(delta.view(), gradients.o.view(), state.o.view(), site.heads());
    state.o.dies();
    Accumulator dq(run, query_gradient(site, gradients.q, run.seq(), run.whole()), kQueryAccumulator);
    const kernels::View dk = key_gradient(site, gradients.k, run.seq()).open(run);
    const kernels::View dv = value_gradient(site, gradients.v, run.seq()).open(run);
    run.backend.flash_backward(
        dq.sum(), dk, dv, kernels::Write::set,
        {state.q.view(), state.k.view(), state.v.view(), gradients.o.view(), state.logsumexp.view(), delta.view()},
        whole_block(site));
    inputs_die(state);
    gradients.o.dies();
    state.logsumexp.dies();
    delta.dies();
    dq.round();
  }

 private:
  static void inputs_die(AttentionState& state) {
    state.q.dies();
    state.k.dies();
    state.v.dies();
  }
};

}  // namespace

const AttentionCore& flash_core() {
  static const FlashCore core;
  return core;
}

}  // namespace headroom::measure
