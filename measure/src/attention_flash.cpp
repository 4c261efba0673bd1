#include "accumulator.h"
#include "attention_core.h"
#include "attention_kernels.h"

namespace headroom::measure {
namespace {

kernels::AttentionBlock whole_block(const CoreSite& site) { return site.block(site.all_queries(), site.all_keys()); }

/// Score tiles in the workspace (docs/runtime.md section 5, "Flash core").
class FlashCore : public AttentionCore {
 public:
  void forward(const CoreSite& site, AttentionState& state, const Pass& pass) const override {
    const Run& run = site.run;
    const std::int64_t rows = site.queries.count;
    const kernels::View o = attention_output(site, state.o, rows, site.all_queries(), pass).open(run);
    if (pass.keeps) state.logsumexp = attention_rows(site, "logsumexp", rows, pass.category(Category::attention));
    flash(site, o, state.logsumexp.view(), state.q.view(), state.keys(), state.values(), whole_block(site));
    if (!pass.keeps) queries_and_keys_die(state);
  }

  [[nodiscard]] bool reads_output() const override { return true; }

  void backward(const CoreSite& site, AttentionState& state, AttentionGradients& gradients) const override {
    const Run& run = site.run;
    const std::int64_t queries = site.queries.count, keys = site.keys.count;
    Tensor delta = attention_rows(site, "D", queries);
    run.backend.attention_delta(delta.view(), gradients.o.view(), state.o.view(), site.heads);
    state.o.dies();
    Accumulator dq(run, query_gradient(site, gradients.q, queries, site.all_queries()), kQueryAccumulator);
    const kernels::View dk = key_gradient(site, gradients.k, keys).open(run);
    const kernels::View dv = value_gradient(site, gradients.v, keys).open(run);
    flash_backward(
        site, {dq.sum(), dk, dv}, kernels::Write::set,
        {state.q.view(), state.k.view(), state.v.view(), gradients.o.view(), state.logsumexp.view(), delta.view()},
        whole_block(site));
    queries_and_keys_die(state);
    gradients.o.dies();
    state.logsumexp.dies();
    delta.dies();
    dq.round();
  }
};

}  // namespace

const AttentionCore& flash_core() {
  static const FlashCore core;
  return core;
}

}  // namespace headroom::measure
