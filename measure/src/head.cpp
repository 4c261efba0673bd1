#include "head.h"

#include "linear.h"

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

}  // namespace

Tensor logits_of(const HeadSite& site, const Rows& rows, kernels::Type type) {
  const Run& run = site.run;
  Tensor logits =
      run.memory.tensor({"logits", Category::head_and_loss}, type, {run.batch(), rows.count, run.job.model.vocab});
  const ConstView x = site.normed.rows(rows), bias = value_of(site.weights.head_bias);
  if (site.weights.head) {
    run.backend.product(logits.view(), x, site.weights.head->value.view(), bias, Write::set);
  } else {
    run.backend.product_transposed(logits.view(), x, site.weights.embedding.value.view(), bias, Write::set);
  }
  return logits;
}

void add_loss(const HeadSite& site, const Tensor& logits, const Rows& rows, bool gradient) {
  const Run& run = site.run;
  const Write write = site.loss ? Write::add : Write::set;
  if (!site.loss) site.loss = run.memory.tensor({"loss", Category::head_and_loss}, kernels::Type::fp32, {});
  run.backend.cross_entropy(site.loss.view(), write, logits.view(), site.targets.rows(rows), run.tokens_of_step(),
                            gradient);
}

void loss_gradient(const HeadSite& site, const Tensor& logits, const Rows& rows) {
  site.run.backend.cross_entropy({}, Write::set, logits.view(), site.targets.rows(rows), site.run.tokens_of_step(),
                                 true);
}

void head_weight_gradient(const HeadSite& site, const Tensor& d_logits, const Rows& rows) {
  const Run& run = site.run;
  const View x = site.normed.rows(rows);
  if (site.weights.head) {
    take_weight_gradient(run, *site.weights.head, x, d_logits.view());
  } else {
    take_weight_gradient(run, site.weights.embedding, d_logits.view(), x);
  }
  if (!site.weights.head_bias) return;
  const Write write = write_gradient(run, *site.weights.head_bias);
  run.backend.bias_gradient(site.weights.head_bias->gradient.view(), d_logits.view(), write);
}

void head_input_gradient(const HeadSite& site, const Tensor& d_logits, const Rows& rows) {
  const Run& run = site.run;
  const Label label{"gradient of the residual stream", Category::saved_activations};
  const View dx = Target{site.residual_gradient, label, run.seq(), run.hidden(), rows}.open(run);
  if (site.weights.head) {
    run.backend.product_transposed(dx, d_logits.view(), site.weights.head->value.view(), {}, Write::set);
  } else {
    run.backend.product(dx, d_logits.view(), site.weights.embedding.value.view(), {}, Write::set);
  }
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
