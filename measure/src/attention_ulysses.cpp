#include "distributed_cores.h"
#include "head_exchange.h"

namespace headroom::measure {
namespace {

/// Ulysses: the core runs on all tokens of the group and its share of the heads.
class UlyssesCore : public AttentionCore {
 public:
  explicit UlyssesCore(const AttentionCore& inner) : inner_(inner) {}

  void forward(const CoreSite& site, AttentionState& state, const Pass& pass) const override {
    const Category category = pass.category(Category::attention);
    queries_and_keys_to_heads(site, state, category);
    inner_.forward(inner_site(site), state, pass);
    Tensor o = output_of_tokens(site, state.o, site.keeps_output ? category : Category::attention);
    if (pass.keeps && inner_.reads_output()) state.o_over_heads = std::move(state.o);
    state.o = std::move(o);
  }

  [[nodiscard]] bool reads_output() const override { return false; }
  [[nodiscard]] bool keeps_query() const override { return false; }
  [[nodiscard]] bool keeps_key_values() const override { return false; }

  void backward(const CoreSite& site, AttentionState& state, AttentionGradients& gradients) const override {
    const CoreSite over_heads = inner_site(site);
    to_heads(site, gradients.o, {"gradient of o over heads", Category::attention}, over_heads.query_width());
    state.o = std::move(state.o_over_heads);
    inner_.backward(over_heads, state, gradients);
    gradients_to_tokens(site, gradients);
  }

 private:
  [[nodiscard]] CoreSite inner_site(const CoreSite& site) const {
    CoreSite over_heads = site_over_heads(site);
    over_heads.keeps_output = inner_.reads_output();
    return over_heads;
  }

  const AttentionCore& inner_;
};

}  // namespace

std::unique_ptr<const AttentionCore> ulysses_core(const AttentionCore& inner) {
  return std::make_unique<UlyssesCore>(inner);
}

}  // namespace headroom::measure
