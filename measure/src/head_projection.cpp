#include "head_projection.h"

#include "linear.h"
#include "norm.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::View;
using kernels::Write;

NormWeights* address_of(std::optional<NormWeights>& weights) { return weights ? &*weights : nullptr; }

/// The same elements with a row for each head of a token.
View rows_of_heads(View v, std::int64_t heads) {
  v.rows *= heads;
  v.width /= heads;
  return v;
}

/// Births the norm's input.
void multiply(const Run& run, const HeadProjection& of, const ConstView& x, const Pass& pass, RawHeads& raw) {
  raw.product = born_product(run, {of.raw, pass.category(Category::attention)}, x, of.linear);
}

/// `out`, which may be empty, takes the norm; the statistics are born if the pass keeps.
void normalize(const Run& run, const HeadProjection& of, const View& out, const Pass& pass, RawHeads& raw) {
  const View in = rows_of_heads(raw.product.view(), of.heads);
  if (pass.keeps) raw.statistics = norm_statistics(run, {of.statistics, pass.category(Category::attention)}, in.rows);
  norm(run, out, raw.statistics.view(), in, *of.norm);
}

}  // namespace

HeadProjection query_projection(const LayerSite& site) {
  LayerWeights& weights = site.weights;
  return {"raw q", "query norm statistics", weights.query, address_of(weights.query_norm), site.kind.heads};
}

HeadProjection key_projection(const LayerSite& site) {
  LayerWeights& weights = site.weights;
  return {"raw k", "key norm statistics", weights.key, address_of(weights.key_norm), site.kind.kv_heads};
}

void project_heads(const LayerSite& site, const HeadProjection& of, const ConstView& x, const Rows& rows,
                   const Target& target, const Pass& pass, RawHeads& raw) {
  const Run& run = site.run;
  if (of.norm == nullptr) {
    forward(run, target.open(run), x, of.linear);
  } else {
    multiply(run, of, x, pass, raw);
    normalize(run, of, rows_of_heads(target.open(run), of.heads), pass, raw);
    if (!pass.keeps) raw.product.dies();
  }
  if (site.has_rope()) rotate(run, target.open(run), site.rotary(of.heads), rows);
}

void raw_heads_again(const LayerSite& site, const HeadProjection& of, const ConstView& x, RawHeads& raw) {
  if (of.norm == nullptr) return;
  multiply(site.run, of, x, kRecompute, raw);
  normalize(site.run, of, {}, kRecompute, raw);
}

void rope_backward(const LayerSite& site, const View& gradient, std::int64_t heads, const Rows& rows) {
  if (site.has_rope()) rotate_back(site.run, gradient, site.rotary(heads), rows);
}

void raw_heads_backward(const LayerSite& site, const HeadProjection& of, const View& gradient, RawHeads& raw) {
  if (of.norm == nullptr) return;
  const View heads = rows_of_heads(gradient, of.heads);
  norm_backward(site.run, heads, Write::set, heads, rows_of_heads(raw.product.view(), of.heads), raw.statistics.view(),
                *of.norm);
  raw = {};
}

}  // namespace headroom::measure
