#include "multiply.h"
#include "product_rules.h"
#include "strips.h"

namespace headroom::kernels::host {

namespace {

/// All batch entries as the rows of one.
template <class V>
V flattened(V v) {
  v.rows *= v.batch;
  v.batch = 1;
  return v;
}

}  // namespace

void HostBackend::linear(View out, ConstView x, ConstView w, ConstView bias, Write write, bool transposed) {
  check_linear(out, x, w, bias, transposed);
  if (is_one_matrix(out) && is_one_matrix(x)) {
    out = flattened(out);
    x = flattened(x);
  }
  Products products{x.batch, 1, x.rows, out.width, x.width, 1, write, bias};
  const Matrix weight = transposed ? matrix_of(w, 0, 0, 0).transposed() : matrix_of(w, 0, 0, 0);
  multiply(
      products, [&](std::int64_t entry) { return out_of(out, entry, 0); },
      [&](std::int64_t entry, std::int64_t) {
        return Factors{matrix_of(x, entry, 0, 0), weight};
      });
}

void HostBackend::product(View out, ConstView x, ConstView w, ConstView bias, Write write) {
  linear(out, x, w, bias, write, false);
}

void HostBackend::product_transposed(View out, ConstView x, ConstView w, ConstView bias, Write write) {
  linear(out, x, w, bias, write, true);
}

void HostBackend::weight_gradient(View dw, ConstView x, ConstView dy, Write write) {
  check_weight_gradient(dw, x, dy);
  if (is_one_matrix(x) && is_one_matrix(dy)) {
    x = flattened(x);
    dy = flattened(dy);
  }
  const Products products{1, x.batch, x.width, dy.width, x.rows, 1, write, {}};
  multiply(
      products, [&](std::int64_t) { return out_of(dw, 0, 0); },
      [&](std::int64_t, std::int64_t entry) {
        return Factors{matrix_of(x, entry, 0, 0).transposed(), matrix_of(dy, entry, 0, 0)};
      });
}

void HostBackend::bias_gradient(View db, ConstView dy, Write write) {
  check_bias_gradient(db, dy);
  for_each_strip(pool_, dy.width, [&](std::int64_t column, std::int64_t n) {
    StripSums sums{};
    Segment buffer;
    for (std::int64_t row = 0; row < dy.batch * dy.rows; ++row) {
      const ConstFloats values = read_row(dy, row, column, n, buffer);
      for (std::int64_t i = 0; i < n; ++i) sums[static_cast<std::size_t>(i)] += static_cast<double>(values[i]);
    }
    write_sums(db, column, n, sums, write);
  });
}

}  // namespace headroom::kernels::host
