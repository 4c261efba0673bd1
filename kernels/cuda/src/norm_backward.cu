#include <cstdint>

#include "column_sums.h"
#include "cuda_backend.h"
#include "norm_row.h"
#include "norm_rules.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::Thread;

/// The gradients of gain and bias: sums of d_out * normalized and of d_out.
struct WeightTerms {
  static constexpr int kSums = 2;

  NormKind kind = NormKind::layernorm;
  ConstView d_out;
  ConstView x;
  ConstView statistics;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t row, std::int64_t column, Pack (&terms)[kSums]) const {
    const RowStatistics s = load_statistics(kind, statistics, row);
    const Pack d =
        simt::load(d_out.type, d_out.data, simt::pack_at(simt::row_begin(d_out, row), column, x.width, aligned));
    const Pack p = simt::load(x.type, x.data, simt::pack_at(simt::row_begin(x, row), column, x.width, aligned));
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) terms[0].v[j] = d.v[j] * ((p.v[j] - s.mean) * s.inverse);
    terms[1] = d;
  }
};

/// The gradient of x, a block for each row: with g = d_out * gain it is g less its mean (LayerNorm alone) and less
/// normalized * mean(g * normalized), over the deviation.
struct NormBackward {
  static constexpr int kThreads = 512;
  static constexpr int kMinBlocks = 1;

  NormKind kind = NormKind::layernorm;
  View dx;
  Write write = Write::set;
  ConstView d_out;
  ConstView x;
  ConstView statistics;
  ConstView gain;
  bool aligned = false;

  /// Eight columns of a row.
  struct Columns {
    Pack g;
    Pack normalized;
  };

  [[nodiscard]] HEADROOM_HD Columns load_columns(std::int64_t row, std::int64_t i, const RowStatistics& s) const {
    Columns c{simt::load(d_out.type, d_out.data, simt::pack_at(simt::row_begin(d_out, row), i, x.width, aligned)),
              simt::load(x.type, x.data, simt::pack_at(simt::row_begin(x, row), i, x.width, aligned))};
    const Pack w = simt::load(gain.type, gain.data, simt::pack_at(0, i, x.width, aligned));
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) {
      c.g.v[j] *= w.v[j];
      c.normalized.v[j] = (c.normalized.v[j] - s.mean) * s.inverse;
    }
    return c;
  }

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, step = simt::pack_step(thread);
    const RowStatistics s = load_statistics(kind, statistics, row);
    float g_sum = 0, projection_sum = 0;
    for (std::int64_t i = simt::first_pack(thread); i < x.width; i += step) {
      const Columns c = load_columns(row, i, s);
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) {
        g_sum += c.g.v[j];  // 0 behind the row's end
        projection_sum += c.g.v[j] * c.normalized.v[j];
      }
    }
    auto* scratch = thread.shared<float>();
    const auto width = static_cast<float>(x.width);
    const float projection = simt::block_sum(thread, scratch, projection_sum) / width;
    const float mean = kind == NormKind::layernorm ? simt::block_sum(thread, scratch, g_sum) / width : 0;
    for (std::int64_t i = simt::first_pack(thread); i < x.width; i += step) {
      Columns c = load_columns(row, i, s);
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) c.g.v[j] = (c.g.v[j] - mean - c.normalized.v[j] * projection) * s.inverse;
      simt::store(dx.type, dx.data, simt::pack_at(simt::row_begin(dx, row), i, x.width, aligned), c.g, write);
    }
  }
};

}  // namespace

void CudaBackend::norm_backward(NormKind kind, View dx, Write write_dx, View d_gain, View d_bias, Write write_weights,
                                ConstView d_out, ConstView x, ConstView statistics, ConstView gain) {
  check_norm_backward(kind, dx, d_gain, d_bias, d_out, x, statistics, gain);
  const bool aligned = simt::have_aligned_rows(dx, d_out, x, gain);
  // First, because dx may be d_out.
  sum_columns(stream_, scratch_, WeightTerms{kind, d_out, x, statistics, aligned}, x.batch * x.rows, x.width,
              {{d_gain, d_bias}, write_weights});
  launch(simt::one_block_each_row(x.batch * x.rows, x.width, kPack, NormBackward::kThreads, simt::kReduceBytes),
         NormBackward{kind, dx, write_dx, d_out, x, statistics, gain, aligned});
}

}  // namespace headroom::kernels::cuda
