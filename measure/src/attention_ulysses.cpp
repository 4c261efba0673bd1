#include <algorithm>
#include <cstddef>

#include "distributed_cores.h"

namespace headroom::measure {
namespace {

using kernels::View;

/// Every width-th run of `width` elements of a tensor, from the `first` one on: the c-th copy of each head.
View every(const View& v, std::int64_t first, std::int64_t step, std::int64_t width) {
  View part = v;
  part.data = static_cast<std::byte*>(v.data) + first * width * kernels::size_of(v.type);
  part.batch = v.elements() / (step * width);
  part.rows = 1;
  part.width = width;
  part.batch_stride = step * width;
  return part;
}

/// Ulysses: the core runs on all tokens of the group and its share of the heads.
class UlyssesCore : public AttentionCore {
 public:
  explicit UlyssesCore(const AttentionCore& inner) : inner_(inner) {}

  void forward(const CoreSite& site, AttentionState& state, const Pass& pass) const override {
    const CoreSite over_heads = site_over_heads(site);
    const Category category = pass.category(Category::attention);
    to_heads(site, state.q, {"q over heads", category}, over_heads.query_width());
    to_heads(site, state.k, {"k over heads", category}, over_heads.kv_width());
    to_heads(site, state.v, {"v over heads", category}, over_heads.kv_width());
    inner_.forward(over_heads, state, pass);
    Tensor o = site.run.activation({"o", category}, site.queries.count, site.query_width());
    ranks_of(site).heads_to_tokens(o.view(), state.o.view());
    if (pass.keeps && inner_.reads_output()) state.o_over_heads = std::move(state.o);
    state.o = std::move(o);
  }

  [[nodiscard]] bool reads_output() const override { return false; }
  [[nodiscard]] bool keeps_query() const override { return false; }
  [[nodiscard]] bool keeps_key_values() const override { return false; }

  void backward(const CoreSite& site, AttentionState& state, AttentionGradients& gradients) const override {
    const CoreSite over_heads = site_over_heads(site);
    to_heads(site, gradients.o, {"gradient of o over heads", Category::attention}, over_heads.query_width());
    state.o = std::move(state.o_over_heads);
    inner_.backward(over_heads, state, gradients);
    Tensor dq;
    const Target to_tokens = query_gradient(site, dq, site.queries.count, site.all_queries());
    ranks_of(site).heads_to_tokens(to_tokens.open(site.run), gradients.q.view());
    gradients.q = std::move(dq);
    gradient_to_tokens(site, gradients.k, {"dk", Category::attention}, {"copies of dk", Category::communication});
    gradient_to_tokens(site, gradients.v, {"dv", Category::attention}, {"copies of dv", Category::communication});
  }

 private:
  static RankGroup& ranks_of(const CoreSite& site) { return site.run.communicator.ulysses(); }

  [[nodiscard]] CoreSite site_over_heads(const CoreSite& site) const {
    const RankGroup& ranks = ranks_of(site);
    CoreSite over_heads = site;
    over_heads.heads.heads /= ranks.size();
    over_heads.heads.kv_heads = std::max<std::int64_t>(site.heads.kv_heads / ranks.size(), 1);
    over_heads.queries = {site.queries.first - ranks.rank() * site.queries.count, site.queries.count * ranks.size()};
    over_heads.keys = over_heads.queries;
    over_heads.place.first += ranks.rank() * over_heads.heads.heads;
    over_heads.keeps_output = inner_.reads_output();
    return over_heads;
  }

  /// The tensor becomes the one over heads, `width` wide.
  static void to_heads(const CoreSite& site, Tensor& tensor, const Label& label, std::int64_t width) {
    Tensor over_heads = site.run.activation(label, tensor.view().rows * ranks_of(site).size(), width);
    ranks_of(site).tokens_to_heads(over_heads.view(), tensor.view());
    tensor = std::move(over_heads);
  }

  /// The gradient of k or v over heads becomes that of the rank's tokens.
  static void gradient_to_tokens(const CoreSite& site, Tensor& gradient, const Label& label, const Label& of_copies) {
    const std::int64_t ranks = ranks_of(site).size(), rows = site.keys.count, width = site.kv_width();
    const std::int64_t side_by_side = gradient.view().width * ranks;
    Tensor received = site.run.activation(side_by_side == width ? label : of_copies, rows, side_by_side);
    ranks_of(site).heads_to_tokens(received.view(), gradient.view());
    gradient = std::move(received);
    if (side_by_side == width) return;
    Tensor sum = site.run.activation(label, rows, width);
    add_copies(site, sum.view(), gradient.view());
    gradient = std::move(sum);
  }

  /// The copies of a head lie one beside the other.
  static void add_copies(const CoreSite& site, const View& sum, const View& copies) {
    const std::int64_t each = copies.width / sum.width, width = site.heads.head_dim;
    const View heads = every(sum, 0, 1, width);
    site.run.backend.convert(heads, every(copies, 0, each, width));
    for (std::int64_t copy = 1; copy < each; ++copy) site.run.backend.add(heads, every(copies, copy, each, width));
  }

  const AttentionCore& inner_;
};

}  // namespace

std::unique_ptr<const AttentionCore> ulysses_core(const AttentionCore& inner) {
  return std::make_unique<UlyssesCore>(inner);
}

}  // namespace headroom::measure
