#include "head_exchange.h"

#include <algorithm>
#include <cstddef>

namespace headroom::measure {
namespace {

using kernels::View;

RankGroup& ranks_of(const CoreSite& site) { return site.run.communicator.ulysses(); }

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

/// The copies of a head lie one beside the other.
void add_copies(const CoreSite& site, const View& sum, const View& copies) {
  const std::int64_t each = copies.width / sum.width, width = site.heads.head_dim;
  const View heads = every(sum, 0, 1, width);
  site.run.backend.convert(heads, every(copies, 0, each, width));
  for (std::int64_t copy = 1; copy < each; ++copy) site.run.backend.add(heads, every(copies, copy, each, width));
}

/// The gradient of q, k or v over heads becomes that of the rank's tokens, `width` wide.
void to_tokens(const CoreSite& site, Tensor& gradient, std::int64_t width, const Label& label, const Label& of_copies) {
  const std::int64_t ranks = ranks_of(site).size(), rows = site.keys.count;
  const std::int64_t side_by_side = gradient.view().width * ranks;
  Tensor received = site.run.activation(side_by_side == width ? label : of_copies, rows, side_by_side);
  ranks_of(site).heads_to_tokens(received.view(), gradient.view());
  gradient = std::move(received);
  if (side_by_side == width) return;
  Tensor sum = site.run.activation(label, rows, width);
  add_copies(site, sum.view(), gradient.view());
  gradient = std::move(sum);
}

}  // namespace

CoreSite site_over_heads(const CoreSite& site) {
  const RankGroup& ranks = ranks_of(site);
  CoreSite over_heads = site;
  over_heads.heads.heads /= ranks.size();
  over_heads.heads.kv_heads = std::max<std::int64_t>(site.heads.kv_heads / ranks.size(), 1);
  over_heads.queries = {site.queries.first - ranks.rank() * site.queries.count, site.queries.count * ranks.size()};
  over_heads.keys = over_heads.queries;
  over_heads.place.first += ranks.rank() * over_heads.heads.heads;
  return over_heads;
}

void to_heads(const CoreSite& site, Tensor& tensor, const Label& label, std::int64_t width) {
  RankGroup& ranks = ranks_of(site);
  if (ranks.size() == 1) return;
  Tensor over_heads = site.run.activation(label, tensor.view().rows * ranks.size(), width);
  ranks.tokens_to_heads(over_heads.view(), tensor.view());
  tensor = std::move(over_heads);
}

void queries_and_keys_to_heads(const CoreSite& site, AttentionState& state, Category category) {
  const CoreSite over_heads = site_over_heads(site);
  to_heads(site, state.q, {"q over heads", category}, over_heads.query_width());
  to_heads(site, state.k, {"k over heads", category}, over_heads.kv_width());
  to_heads(site, state.v, {"v over heads", category}, over_heads.kv_width());
}

Tensor output_of_tokens(const CoreSite& site, const Tensor& over_heads, Category category) {
  Tensor o = site.run.activation({"o", category}, site.queries.count, site.query_width());
  ranks_of(site).heads_to_tokens(o.view(), over_heads.view());
  return o;
}

void gradients_to_tokens(const CoreSite& site, AttentionGradients& gradients) {
  if (ranks_of(site).size() == 1) return;
  constexpr Category kOwn = Category::attention, kReceived = Category::communication;
  to_tokens(site, gradients.q, site.query_width(), {"dq", kOwn}, {});
  to_tokens(site, gradients.k, site.kv_width(), {"dk", kOwn}, {"copies of dk", kReceived});
  to_tokens(site, gradients.v, site.kv_width(), {"dv", kOwn}, {"copies of dv", kReceived});
}

}  // namespace headroom::measure
