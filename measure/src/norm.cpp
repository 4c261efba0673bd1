#include "norm.h"

#include "linear.h"

namespace headroom::measure {
namespace {

kernels::NormKind kind_of(const Run& run) {
  return run.job.model.norm == Norm::layernorm ? kernels::NormKind::layernorm : kernels::NormKind::rmsnorm;
}

}  // namespace

using kernels::ConstView;
using kernels::View;
using kernels::Write;

Tensor norm_statistics(const Run& run, const Label& label, std::int64_t rows) {
  return run.fp32(label, rows, run.job.model.norm == Norm::layernorm ? 2 : 1);
}

void norm(const Run& run, const View& out, const View& statistics, const ConstView& x, const NormWeights& weights) {
  run.backend.norm(kind_of(run), out, statistics, x, weights.gain.value.view(), value_of(weights.bias));
}

Normed norm(const Run& run, const NormLabels& labels, const ConstView& x, const NormWeights& weights,
            const Pass& pass) {
  const Category category = pass.category(labels.category);
  Normed normed;
  normed.output = run.activation({labels.output, category}, x.rows, x.width);
  if (pass.keeps) normed.statistics = norm_statistics(run, {labels.statistics, category}, x.rows);
  norm(run, normed.output.view(), normed.statistics.view(), x, weights);
  return normed;
}

void norm_backward(const Run& run, const View& dx, Write write, const ConstView& d_out, const ConstView& x,
                   const ConstView& statistics, NormWeights& weights) {
  const Write write_weights = write_gradient(run, weights.gain);
  View d_bias;
  if (weights.bias) {
    (void)write_gradient(run, *weights.bias);
    d_bias = weights.bias->gradient.view();
  }
  run.backend.norm_backward(kind_of(run), dx, write, weights.gain.gradient.view(), d_bias, write_weights, d_out, x,
                            statistics, weights.gain.value.view());
}

}  // namespace headroom::measure
