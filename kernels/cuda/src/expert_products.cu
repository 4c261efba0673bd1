#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cuda_backend.h"
#include "elements_at.h"
#include "expert_rules.h"
#include "product_tile.h"

namespace headroom::kernels::cuda {

namespace {

constexpr std::int64_t kMostInGrid = 65535;

/// The same from row `row` on.
template <class Void>
HEADROOM_HD BasicMatrix<Void> from_row(BasicMatrix<Void> m, std::int64_t row) {
  using Byte = std::conditional_t<std::is_const_v<Void>, const std::byte, std::byte>;
  m.data = static_cast<Byte*>(m.data) + row * m.row_step * size_of(m.type);
  return m;
}

/// A product of one expert is a product of a batch whose `m` rows are that expert's places, or whose inner dimension
/// they are. Where they are is read on the device.
struct ExpertProduct {
  static constexpr int kThreads = kTileThreads;
  static constexpr int kMinBlocks = 1;

  MatrixProduct p;  ///< of all places; batch steps are those from expert to expert
  ConstView first;
  bool sums_places = false;  ///< the gradient of a weight

  [[nodiscard]] HEADROOM_DEVICE MatrixProduct of(std::int64_t expert) const {
    const std::int64_t begin = int32_at(first, expert), count = int32_at(first, expert + 1) - begin;
    MatrixProduct mine = p;
    mine.a = from_row(p.a, begin);
    if (sums_places) {
      mine.b = from_row(p.b, begin);
      mine.k = count;
    } else {
      mine.out = from_row(p.out, begin);
      mine.m = count;
    }
    if (p.bias) {
      mine.bias.data = static_cast<const std::byte*>(p.bias.data) + expert * p.bias.width * size_of(p.bias.type);
    }
    return mine;
  }

  HEADROOM_DEVICE void operator()(simt::Thread& thread) const {
    for (std::int64_t expert = thread.block().z; expert < p.count; expert += thread.blocks().z) {
      const MatrixProduct mine = of(expert);
      for (std::int64_t row = thread.block().y * kTile; row < mine.m; row += thread.blocks().y * kTile) {
        product_tile(thread, mine, expert, row, thread.block().x * kTile);
      }
    }
  }
};

/// Blocks (x: columns, y: experts, strided), whose warps take different places.
struct ExpertBiasSums {
  static constexpr int kWarps = 8;
  static constexpr int kThreads = 32 * kWarps;
  static constexpr int kMinBlocks = 1;
  static constexpr int kSharedBytes = kThreads * 4;

  View db;
  ConstView dy;
  ConstView first;
  Write write = Write::set;

  HEADROOM_DEVICE void operator()(simt::Thread& thread) const {
    const std::int64_t column = thread.block().x * 32 + thread.lane();
    auto* shared = thread.shared<float>();  // [warp][lane]
    for (std::int64_t expert = thread.block().y; expert < db.rows; expert += thread.blocks().y) {
      shared[thread.thread()] = column < dy.width ? sum_of(thread, expert, column) : 0;
      thread.sync();
      float sum = 0;
      for (int warp = 0; warp < kWarps; ++warp) sum += shared[warp * 32 + thread.lane()];
      thread.sync();
      if (thread.warp() == 0 && column < dy.width) {
        simt::store(db.type, db.data, simt::row_begin(db, expert) + column, sum, write);
      }
    }
  }

  /// Of the warp's places.
  [[nodiscard]] HEADROOM_DEVICE float sum_of(const simt::Thread& thread, std::int64_t expert,
                                             std::int64_t column) const {
    float sum = 0;
    for (std::int64_t p = int32_at(first, expert) + thread.warp(); p < int32_at(first, expert + 1); p += kWarps) {
      sum += simt::load(dy.type, dy.data, simt::row_begin(dy, p) + column);
    }
    return sum;
  }
};

template <class Void>
BasicMatrix<Void> places(const BasicView<Void>& v) {
  return {v.data, v.type, v.width, 0, false};
}

/// Weights with `rows` rows an expert.
template <class Void>
BasicMatrix<Void> weights(const BasicView<Void>& v, std::int64_t rows) {
  return {v.data, v.type, v.width, rows * v.width, false};
}

/// How many tiles of places to start for each expert where all places are `rows`: twice its even share, at which it
/// takes more in turns.
std::int64_t tiles_of_places(std::int64_t rows, std::int64_t experts) {
  return std::clamp<std::int64_t>(simt::parts_of(2 * rows, experts * kTile), 1, kMostInGrid);
}

void multiply_places(simt::Stream stream, const MatrixProduct& p, const ConstView& first) {
  const simt::GridIndex blocks{simt::parts_of(p.n, kTile), tiles_of_places(p.m, p.count),
                               std::min(p.count, kMostInGrid)};
  simt::launch(stream, {blocks, kTileThreads, kTileBytes}, ExpertProduct{p, first, false});
}

}  // namespace

void CudaBackend::expert_product(View out, ConstView x, ConstView w, ConstView bias, ConstView first, Write write) {
  check_expert_product(out, x, w, bias, first);
  multiply_places(
      stream_,
      {places(out), places(x), weights(w, x.width), x.rows, out.width, x.width, experts_of(first), 1, write, bias},
      first);
}

void CudaBackend::expert_product_transposed(View out, ConstView x, ConstView w, ConstView first, Write write) {
  check_expert_product_transposed(out, x, w, first);
  multiply_places(
      stream_,
      {places(out), places(x), weights(w, out.width).t(), x.rows, out.width, x.width, experts_of(first), 1, write, {}},
      first);
}

void CudaBackend::expert_weight_gradient(View dw, ConstView x, ConstView dy, ConstView first, Write write) {
  check_expert_weight_gradient(dw, x, dy, first);
  const MatrixProduct p{
      weights(dw, x.width), places(x).t(), places(dy), x.width, dy.width, x.rows, experts_of(first), 1, write, {}};
  const simt::GridIndex blocks{simt::parts_of(p.n, kTile), std::min(simt::parts_of(p.m, kTile), kMostInGrid),
                               std::min(p.count, kMostInGrid)};
  launch({blocks, kTileThreads, kTileBytes}, ExpertProduct{p, first, true});
}

void CudaBackend::expert_bias_gradient(View db, ConstView dy, ConstView first, Write write) {
  check_expert_bias_gradient(db, dy, first);
  launch({{simt::parts_of(dy.width, 32), std::min(db.rows, kMostInGrid), 1},
          ExpertBiasSums::kThreads,
          ExpertBiasSums::kSharedBytes},
         ExpertBiasSums{db, dy, first, write});
}

}  // namespace headroom::kernels::cuda
