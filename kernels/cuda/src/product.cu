#include <cstddef>

#include "check.h"
#include "cuda_backend.h"
#include "simt/element.h"

namespace headroom::kernels::cuda {

namespace {

using simt::Thread;

template <class Void>
BasicMatrix<Void> matrix(const BasicView<Void>& v) {
  return {v.data, v.type, v.width, v.batch == 1 ? 0 : v.batch_stride, false};
}

/// Whether the batch entries lie one behind the other, so that they are one matrix of all rows.
bool is_one_matrix(const ConstView& v) { return v.batch == 1 || v.batch_stride == v.rows * v.width; }

/// Where batch entry `entry` begins.
const void* at_entry(const ConstView& v, std::int64_t entry) {
  return static_cast<const std::byte*>(v.data) + simt::row_begin(v, entry, 0) * size_of(v.type);
}

/// db[n] = or += the sum of dy's columns; a block takes 32 columns, a warp every 8th row, lanes side by side.
struct BiasGradient {
  static constexpr int kWarps = 8;
  static constexpr int kThreads = 32 * kWarps;
  static constexpr int kMinBlocks = 1;
  static constexpr int kSharedBytes = kThreads * 4;

  View db;
  ConstView dy;
  Write write;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t column = thread.block().x * 32 + thread.lane();
    float sum = 0;
    if (column < dy.width) {
      for (std::int64_t row = thread.warp(); row < dy.batch * dy.rows; row += kWarps) {
        sum += simt::load(dy.type, dy.data, simt::row_begin(dy, row) + column);
      }
    }
    float* sums = thread.shared<float>();
    sums[thread.thread()] = sum;
    thread.sync();
    if (thread.warp() != 0 || column >= dy.width) return;
    for (int warp = 1; warp < kWarps; ++warp) sum += sums[warp * 32 + thread.lane()];
    simt::store(db.type, db.data, column, sum, write);
  }
};

}  // namespace

void CudaBackend::linear(View out, ConstView x, ConstMatrix w, ConstView bias, Write write) {
  MatrixProduct p{matrix(out), matrix(x), w, out.rows, out.width, x.width, out.batch, 1, write, bias};
  if (is_one_matrix(out) && is_one_matrix(x)) {
    p.m *= out.batch;
    p.count = 1;
  }
  products_->multiply(p);
}

void CudaBackend::product(View out, ConstView x, ConstView w, ConstView bias, Write write) {
  require_shape(w, 1, x.width, out.width, "product", "w is not [width of x, width of out]");
  require_shape(x, out.batch, out.rows, x.width, "product", "x and out differ in batch or rows");
  require(!bias || bias.width == out.width, "product", "bias is not as wide as out");
  linear(out, x, matrix(w), bias, write);
}

void CudaBackend::product_transposed(View out, ConstView x, ConstView w, ConstView bias, Write write) {
  require_shape(w, 1, out.width, x.width, "product_transposed", "w is not [width of out, width of x]");
  require_shape(x, out.batch, out.rows, x.width, "product_transposed", "x and out differ in batch or rows");
  require(!bias || bias.width == out.width, "product_transposed", "bias is not as wide as out");
  linear(out, x, matrix(w).t(), bias, write);
}

void CudaBackend::weight_gradient(View dw, ConstView x, ConstView dy, Write write) {
  require_shape(dw, 1, x.width, dy.width, "weight_gradient", "dw is not [width of x, width of dy]");
  require_shape(dy, x.batch, x.rows, dy.width, "weight_gradient", "x and dy differ in batch or rows");
  const bool one = is_one_matrix(x) && is_one_matrix(dy);
  MatrixProduct p{matrix(dw), matrix(x).t(), matrix(dy), x.width, dy.width, one ? x.batch * x.rows : x.rows, 1, 1,
                  write, {}};
  for (std::int64_t entry = 0; entry < (one ? 1 : x.batch); ++entry) {
    p.a.data = at_entry(x, entry);
    p.b.data = at_entry(dy, entry);
    products_->multiply(p);
    p.write = Write::add;
  }
}

void CudaBackend::bias_gradient(View db, ConstView dy, Write write) {
  require_shape(db, 1, 1, dy.width, "bias_gradient", "db is not as wide as dy");
  launch({{simt::parts_of(dy.width, 32), 1, 1}, BiasGradient::kThreads, BiasGradient::kSharedBytes},
         BiasGradient{db, dy, write});
}

}  // namespace headroom::kernels::cuda
