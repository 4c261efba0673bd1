#include <cstddef>

#include "column_sums.h"
#include "cuda_backend.h"
#include "product_rules.h"

namespace headroom::kernels::cuda {

namespace {

template <class Void>
BasicMatrix<Void> matrix(const BasicView<Void>& v) {
  return {v.data, v.type, v.width, v.batch == 1 ? 0 : v.batch_stride, false};
}

/// Where batch entry `entry` begins.
const void* at_entry(const ConstView& v, std::int64_t entry) {
  return static_cast<const std::byte*>(v.data) + simt::row_begin(v, entry, 0) * size_of(v.type);
}

/// The sums of dy's columns.
struct BiasTerms {
  static constexpr int kSums = 1;

  ConstView dy;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t row, std::int64_t column, simt::Pack (&terms)[kSums]) const {
    terms[0] = simt::load(dy.type, dy.data, simt::pack_at(simt::row_begin(dy, row), column, dy.width, aligned));
  }
};

}  // namespace

void CudaBackend::linear(View out, ConstView x, ConstView w, ConstView bias, Write write, bool transposed) {
  check_linear(out, x, w, bias, transposed);
  const ConstMatrix weight = transposed ? matrix(w).t() : matrix(w);
  MatrixProduct p{matrix(out), matrix(x), weight, out.rows, out.width, x.width, out.batch, 1, write, bias};
  if (is_one_matrix(out) && is_one_matrix(x)) {
    p.m *= out.batch;
    p.count = 1;
  }
  products_->multiply(p);
}

void CudaBackend::product(View out, ConstView x, ConstView w, ConstView bias, Write write) {
  linear(out, x, w, bias, write, false);
}

void CudaBackend::product_transposed(View out, ConstView x, ConstView w, ConstView bias, Write write) {
  linear(out, x, w, bias, write, true);
}

void CudaBackend::weight_gradient(View dw, ConstView x, ConstView dy, Write write) {
  check_weight_gradient(dw, x, dy);
  const bool one = is_one_matrix(x) && is_one_matrix(dy);
  MatrixProduct p{matrix(dw), matrix(x).t(), matrix(dy), x.width, dy.width, one ? x.batch * x.rows : x.rows, 1,
                  1,          write,         {}};
  for (std::int64_t entry = 0; entry < (one ? 1 : x.batch); ++entry) {
    p.a.data = at_entry(x, entry);
    p.b.data = at_entry(dy, entry);
    products_->multiply(p);
    p.write = Write::add;
  }
}

void CudaBackend::bias_gradient(View db, ConstView dy, Write write) {
  check_bias_gradient(db, dy);
  sum_columns(stream_, scratch_, BiasTerms{dy, simt::have_aligned_rows(dy)}, dy.batch * dy.rows, dy.width,
              {{db, {}}, write});
}

}  // namespace headroom::kernels::cuda
