#include "distributed_cores.h"

namespace headroom::measure {
namespace {

/// LSS: the core runs with the rank's queries against all keys.
class LssCore : public AttentionCore {
 public:
  explicit LssCore(const AttentionCore& inner) : inner_(inner) {}

  void forward(const CoreSite& site, AttentionState& state, const Pass& pass) const override {
    const Run& run = site.run;
    RankGroup& ranks = run.communicator.sequence();
    const Category category = pass.category(Category::attention);
    Tensor k = run.activation({"gathered k", category}, run.whole_seq(), site.kv_width());
    Tensor v = run.activation({"gathered v", category}, run.whole_seq(), site.kv_width());
    ranks.gather_tokens(k.view(), state.k.view());
    ranks.gather_tokens(v.view(), state.v.view());
    state.k = std::move(k);
    state.v = std::move(v);
    inner_.forward(over_all_keys(site), state, pass);
  }

  [[nodiscard]] bool reads_output() const override { return inner_.reads_output(); }
  [[nodiscard]] bool keeps_key_values() const override { return false; }

  void backward(const CoreSite& site, AttentionState& state, AttentionGradients& gradients) const override {
    const Run& run = site.run;
    RankGroup& ranks = run.communicator.sequence();
    inner_.backward(over_all_keys(site), state, gradients);
    Tensor dk, dv;
    ranks.reduce_scatter_tokens(key_gradient(site, dk, site.keys.count).open(run), gradients.k.view());
    ranks.reduce_scatter_tokens(value_gradient(site, dv, site.keys.count).open(run), gradients.v.view());
    gradients.k = std::move(dk);
    gradients.v = std::move(dv);
  }

 private:
  static CoreSite over_all_keys(CoreSite site) {
    site.keys = {0, site.run.whole_seq()};
    return site;
  }

  const AttentionCore& inner_;
};

}  // namespace

std::unique_ptr<const AttentionCore> lss_core(const AttentionCore& inner) { return std::make_unique<LssCore>(inner); }

}  // namespace headroom::measure
