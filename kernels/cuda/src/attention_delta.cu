#include "attention_rules.h"
#include "cuda_backend.h"
#include "simt/element.h"

namespace headroom::kernels::cuda {

namespace {

using simt::Thread;

/// delta[b, a, row] = the sum of d_out * out over a head: a warp for each row and head.
struct AttentionDelta {
  static constexpr int kWarps = 8;
  static constexpr int kThreads = 32 * kWarps;
  static constexpr int kMinBlocks = 1;

  View delta;
  ConstView d_out;
  ConstView out;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t heads = delta.rows, head_dim = out.width / heads;
    const std::int64_t item = thread.block().x * kWarps + thread.warp();
    if (item >= out.batch * out.rows * heads) return;
    const std::int64_t row = item / heads, head = item % heads;
    const float sum = product(thread, row, head * head_dim, head_dim);
    const std::int64_t to = simt::row_begin(delta, row / out.rows, head) + row % out.rows;
    if (thread.lane() == 0) static_cast<float*>(delta.data)[to] = sum;
  }

  [[nodiscard]] HEADROOM_DEVICE float product(Thread& thread, std::int64_t row, std::int64_t column,
                                              std::int64_t columns) const {
    const std::int64_t a = simt::row_begin(d_out, row) + column, b = simt::row_begin(out, row) + column;
    float sum = 0;
    for (std::int64_t i = thread.lane(); i < columns; i += 32) {
      sum += simt::load(d_out.type, d_out.data, a + i) * simt::load(out.type, out.data, b + i);
    }
    for (int mask = 16; mask > 0; mask /= 2) sum += thread.shuffle_xor(sum, mask);
    return sum;
  }
};

}  // namespace

void CudaBackend::attention_delta(View delta, ConstView d_out, ConstView out, const Heads& heads) {
  check_delta(delta, d_out, out, heads);
  const std::int64_t blocks = simt::parts_of(out.batch * out.rows * heads.heads, AttentionDelta::kWarps);
  launch({{blocks, 1, 1}, AttentionDelta::kThreads, 0}, AttentionDelta{delta, d_out, out});
}

}  // namespace headroom::kernels::cuda
