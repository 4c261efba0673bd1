#pragma once

#include "pass.h"
#include "run.h"

namespace headroom::measure {

/// What a norm's forward leaves.
struct Normed {
  Tensor output;
  Tensor statistics;  ///< only where the pass keeps
};

/// Category and names of a norm's tensors.
struct NormLabels {
  std::string_view output;
  std::string_view statistics;
  Category category{};
};

/// [batch, rows] row statistics of the model's norm.
[[nodiscard]] Tensor norm_statistics(const Run& run, const Label& label, std::int64_t rows);
/// out = norm(x); out and statistics may be empty.
void norm(const Run& run, const kernels::View& out, const kernels::View& statistics, const kernels::ConstView& x,
          const NormWeights& weights);
/// Births the output and, if the pass keeps, the statistics.
[[nodiscard]] Normed norm(const Run& run, const NormLabels& labels, const kernels::ConstView& x,
                          const NormWeights& weights, const Pass& pass);
/// dx = or += the gradient of x; the gains' gradients take their share.
void norm_backward(const Run& run, const kernels::View& dx, kernels::Write write, const kernels::ConstView& d_out,
                   const kernels::ConstView& x, const kernels::ConstView& statistics, NormWeights& weights);

}  // namespace headroom::measure
