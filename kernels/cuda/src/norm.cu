#include <cmath>
#include <cstdint>

#include "cuda_backend.h"
#include "norm_row.h"
#include "norm_rules.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::PackAt;
using simt::Thread;

/// A block for each row.
struct Norm {
  static constexpr int kThreads = 512;
  static constexpr int kMinBlocks = 1;

  NormKind kind = NormKind::layernorm;
  View out;
  View statistics;
  ConstView x;
  ConstView gain;
  ConstView bias;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, begin = simt::row_begin(x, row);
    const RowStatistics s = statistics_of(thread, begin);
    if (statistics && thread.thread() == 0) store_statistics(kind, statistics, row, s);
    if (!out) return;
    const std::int64_t to = simt::row_begin(out, row);
    for (std::int64_t i = simt::first_pack(thread); i < x.width; i += simt::pack_step(thread)) {
      Pack p = simt::load(x.type, x.data, simt::pack_at(begin, i, x.width, aligned));
      const PackAt column = simt::pack_at(0, i, x.width, aligned);
      const Pack g = simt::load(gain.type, gain.data, column);
      const Pack b = bias ? simt::load(bias.type, bias.data, column) : Pack{};
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) p.v[j] = (p.v[j] - s.mean) * s.inverse * g.v[j] + b.v[j];
      simt::store(out.type, out.data, simt::pack_at(to, i, x.width, aligned), p);
    }
  }

  [[nodiscard]] HEADROOM_DEVICE RowStatistics statistics_of(Thread& thread, std::int64_t begin) const {
    auto* scratch = thread.shared<float>();
    const auto width = static_cast<float>(x.width);
    RowStatistics s;
    if (kind == NormKind::layernorm) {
      float sum = 0;
      for_each_pack(thread, begin, [&](const Pack& p, int n) {
        HEADROOM_UNROLL
        for (int j = 0; j < kPack; ++j) sum += j < n ? p.v[j] : 0;
      });
      s.mean = simt::block_sum(thread, scratch, sum) / width;
    }
    float square = 0;
    for_each_pack(thread, begin, [&](const Pack& p, int n) {
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) square += j < n ? (p.v[j] - s.mean) * (p.v[j] - s.mean) : 0;
    });
    s.inverse = 1 / std::sqrt(simt::block_sum(thread, scratch, square) / width + kNormEpsilon);
    return s;
  }

  template <class Body>
  HEADROOM_DEVICE void for_each_pack(Thread& thread, std::int64_t begin, const Body& body) const {
    for (std::int64_t i = simt::first_pack(thread); i < x.width; i += simt::pack_step(thread)) {
      const PackAt at = simt::pack_at(begin, i, x.width, aligned);
      body(simt::load(x.type, x.data, at), at.n);
    }
  }
};

}  // namespace

void CudaBackend::norm(NormKind kind, View out, View statistics, ConstView x, ConstView gain, ConstView bias) {
  check_norm(kind, out, statistics, x, gain, bias);
  launch(simt::one_block_each_row(x.batch * x.rows, x.width, kPack, Norm::kThreads, simt::kReduceBytes),
         Norm{kind, out, statistics, x, gain, bias, simt::have_aligned_rows(out, x, gain, bias)});
}

}  // namespace headroom::kernels::cuda
