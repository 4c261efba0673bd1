#include "head.h"

#include "linear.h"
#include "vocabulary.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::View;
using kernels::Write;

/// Births the gradient of `parameter` where it does not live yet.
void take_weight_gradient(const Run& run, Parameter& parameter, const ConstView& x, const ConstView& dy) {
  const Write write = write_gradient(run, parameter);
  run.backend.weight_gradient(parameter.gradient.view(), x, dy, write);
}

/// The embedding as the head reads it, where it is tied to that.
ConstView tied_table(const Weights& weights) {
  return weights.tied_table ? weights.tied_table.view() : weights.embedding.value.view();
}

/// Rows of what products see are runs of `rows` of each rank's tokens.
std::int64_t runs(const Run& run) { return run.product_seq() / run.seq(); }

/// The targets of the tokens of which these are logits, run by run.
Guesses guesses_of(const HeadSite& site, const Tensor& logits, const Rows& rows) {
  const Run& run = site.run;
  const View &of_logits = logits.view(), all = site.targets.view();
  const std::int64_t batch = run.batch() * runs(run);
  const View by_run = kernels::whole_view(all.data, all.type, batch, run.seq(), 1);
  return {kernels::whole_view(of_logits.data, of_logits.type, batch, rows.count, of_logits.width),
          kernels::rows_of(by_run, rows.first, rows.count)};
}

}  // namespace

ProductInput head_input(const HeadSite& site, const Rows& rows, bool dies) {
  return site.run.crossing.enter(site.run, "gathered final norm output", site.normed.rows(rows),
                                 dies ? &site.normed : nullptr);
}

Tensor logits_of(const Run& run, const Weights& weights, const ConstView& x, kernels::Type type) {
  Tensor logits =
      run.memory.tensor({"logits", Category::head_and_loss}, type, {run.batch(), x.rows, run.vocabulary_part().length});
  const ConstView bias = value_of(weights.head_bias);
  if (weights.head) {
    run.backend.product(logits.view(), x, weights.head->value.view(), bias, Write::set);
  } else {
    run.backend.product_transposed(logits.view(), x, tied_table(weights), bias, Write::set);
  }
  return logits;
}

void add_loss(const HeadSite& site, const Tensor& logits, const Rows& rows, bool gradient) {
  site.run.vocabulary.cross_entropy(site.run, &site.loss, guesses_of(site, logits, rows), gradient);
}

void loss_gradient(const HeadSite& site, const Tensor& logits, const Rows& rows) {
  site.run.vocabulary.cross_entropy(site.run, nullptr, guesses_of(site, logits, rows), true);
}

void head_weight_gradient(const HeadSite& site, const Tensor& d_logits, const ProductInput& x) {
  const Run& run = site.run;
  if (site.weights.head) {
    take_weight_gradient(run, *site.weights.head, x.view, d_logits.view());
  } else {
    take_weight_gradient(run, site.weights.embedding, d_logits.view(), x.view);
  }
  if (!site.weights.head_bias) return;
  const Write write = write_gradient(run, *site.weights.head_bias);
  run.backend.bias_gradient(site.weights.head_bias->gradient.view(), d_logits.view(), write);
}

void head_input_gradient(const HeadSite& site, Tensor& d_logits, const Rows& rows) {
  const Run& run = site.run;
  const Label label{"gradient of the residual stream", Category::saved_activations};
  const Target target{site.residual_gradient, label, run.seq(), run.hidden(), rows};
  run.crossing.leave(run, target, [&](const View& dx) {
    if (site.weights.head) {
      run.backend.product_transposed(dx, d_logits.view(), site.weights.head->value.view(), {}, Write::set);
    } else {
      run.backend.product(dx, d_logits.view(), tied_table(site.weights), {}, Write::set);
    }
    d_logits.dies();
  });
}

const HeadWay& head_way(Head head) {
  switch (head) {
    case Head::dense_fp32: return dense_fp32_head();
    case Head::dense: return dense_head();
    case Head::chunked: return chunked_head();
    case Head::fused: return fused_head();
  }
  return dense_fp32_head();
}

}  // namespace headroom::measure
