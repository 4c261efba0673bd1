#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cuda_backend.h"
#include "loss_rules.h"
#include "softmax_row.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::Thread;

/// A block takes every blocks()-th row and leaves the sum of their losses in losses[block].
struct CrossEntropy {
  static constexpr int kThreads = 512;
  static constexpr int kMinBlocks = 1;

  View logits;
  ConstView targets;
  float* losses = nullptr;
  std::int32_t* fault = nullptr;
  float scale = 0;  ///< of the gradient
  bool gradient = false;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    float loss = 0;
    for (std::int64_t row = thread.block().x; row < logits.batch * logits.rows; row += thread.blocks().x) {
      const std::int64_t target = static_cast<const std::int32_t*>(targets.data)[simt::row_begin(targets, row)];
      if (target >= 0 && target < logits.width) {
        loss += loss_of(thread, simt::row_begin(logits, row), target);
      } else if (thread.thread() == 0) {
        *fault = 1;
      }
    }
    if (thread.thread() == 0) losses[thread.block().x] = loss;
  }

  [[nodiscard]] HEADROOM_DEVICE float loss_of(Thread& thread, std::int64_t begin, std::int64_t target) const {
    const float at_target = simt::load(logits.type, logits.data, begin + target);
    const SoftmaxSum s = softmax_sum(thread, logits.type, logits.data, begin, logits.width, aligned);
    // All threads have read the target's logit before one of them overwrites it.
    thread.sync();
    if (gradient) write_gradient(thread, begin, target, s);
    return std::log(s.sum) - (at_target - s.max);
  }

  /// The row becomes (softmax - onehot) * scale.
  HEADROOM_DEVICE void write_gradient(Thread& thread, std::int64_t begin, std::int64_t target,
                                      const SoftmaxSum& s) const {
    const float factor = scale / s.sum;
    for (std::int64_t i = simt::first_pack(thread); i < logits.width; i += simt::pack_step(thread)) {
      const simt::PackAt at = simt::pack_at(begin, i, logits.width, aligned);
      Pack p = simt::load(logits.type, logits.data, at);
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) {
        p.v[j] = std::exp(p.v[j] - s.max) * factor - (i + j == target ? scale : 0);
      }
      simt::store(logits.type, logits.data, at, p);
    }
  }
};

/// loss = or += the sum of the losses over all tokens; one block.
struct SumLosses {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  float* loss = nullptr;
  const float* losses = nullptr;
  std::int64_t count = 0;
  Write write = Write::set;
  float all_tokens = 0;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    float sum = 0;
    for (std::int64_t i = thread.thread(); i < count; i += kThreads) sum += losses[i];
    sum = simt::block_sum(thread, thread.shared<float>(), sum) / all_tokens;
    if (thread.thread() == 0) *loss = write == Write::add ? *loss + sum : sum;
  }
};

}  // namespace

void CudaBackend::cross_entropy(View loss, Write write, View logits, ConstView targets, std::int64_t all_tokens,
                                bool gradient) {
  check_cross_entropy(loss, logits, targets);
  constexpr std::int64_t kMostBlocks = 4096;
  const std::int64_t blocks = std::min({logits.batch * logits.rows, kMostBlocks, scratch_.floats});
  const auto tokens = static_cast<float>(all_tokens);
  launch(simt::one_block_each_row(blocks, logits.width, kPack, CrossEntropy::kThreads, simt::kReduceBytes),
         CrossEntropy{logits, targets, scratch_.data, fault(Fault::cross_entropy), 1 / tokens, gradient,
                      simt::have_aligned_rows(logits)});
  if (!loss) return;
  launch({{1, 1, 1}, SumLosses::kThreads, simt::kReduceBytes},
         SumLosses{static_cast<float*>(loss.data), scratch_.data, blocks, write, tokens});
}

}  // namespace headroom::kernels::cuda
