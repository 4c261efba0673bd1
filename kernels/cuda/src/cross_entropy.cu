#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdint>

#include "cuda_backend.h"
#include "loss_rules.h"
#include "softmax_row.h"
#include "vocabulary_place.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::Thread;

/// A row's number in a statistic.
[[nodiscard]] HEADROOM_HD inline float of_row(const ConstView& statistic, std::int64_t row) {
  return static_cast<const float*>(statistic.data)[simt::row_begin(statistic, row)];
}
HEADROOM_HD inline void set_row(const View& statistic, std::int64_t row, float value) {
  static_cast<float*>(statistic.data)[simt::row_begin(statistic, row)] = value;
}

/// Of a row over the whole vocabulary.
struct RowStatistics {
  float max = 0;
  float sum = 0;           ///< of exp(logit - max)
  float target_logit = 0;  ///< less the maximum
};

/// `target`: its column; 0 where it is -1.
[[nodiscard]] HEADROOM_HD inline float target_logit_of(const ConstView& logits, std::int64_t begin, std::int64_t target,
                                                       float max) {
  return target < 0 ? 0 : simt::load(logits.type, logits.data, begin + target) - max;
}

/// The statistics of a row that is a whole vocabulary's.
struct ComputedStatistics {
  [[nodiscard]] HEADROOM_DEVICE RowStatistics operator()(Thread& thread, const ConstView& logits, std::int64_t row,
                                                         std::int64_t target, bool aligned) const {
    const std::int64_t begin = simt::row_begin(logits, row);
    const SoftmaxSum s = softmax_sum(thread, logits.type, logits.data, begin, logits.width, aligned);
    const float target_logit = target_logit_of(logits, begin, target, s.max);
    // All threads have read the target's logit before one of them overwrites it.
    thread.sync();
    return {s.max, s.sum, target_logit};
  }
};

/// Those that the ranks have formed together.
struct GivenStatistics {
  ConstView row_max;
  ConstView row_sum;
  ConstView target_logit;

  [[nodiscard]] HEADROOM_DEVICE RowStatistics operator()(Thread& /*thread*/, const ConstView& /*logits*/,
                                                         std::int64_t row, std::int64_t /*target*/,
                                                         bool /*aligned*/) const {
    return {of_row(row_max, row), of_row(row_sum, row), of_row(target_logit, row)};
  }
};

/// A block takes every blocks()-th row and leaves the sum of their losses in losses[block].
template <class Statistics>
struct CrossEntropy {
  static constexpr int kThreads = 512;
  static constexpr int kMinBlocks = 1;

  View logits;
  ConstView targets;
  Vocabulary vocabulary;
  Statistics statistics;
  float* losses = nullptr;
  std::int32_t* fault = nullptr;
  float scale = 0;  ///< of the gradient
  bool gradient = false;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    float loss = 0;
    for (std::int64_t row = thread.block().x; row < logits.batch * logits.rows; row += thread.blocks().x) {
      const std::int64_t target = place_of(targets, row, vocabulary, fault);
      const RowStatistics s = statistics(thread, logits, row, target, aligned);
      if (gradient) write_gradient(thread, simt::row_begin(logits, row), target, s);
      loss += std::log(s.sum) - s.target_logit;
    }
    if (thread.thread() == 0) losses[thread.block().x] = loss;
  }

  /// The row becomes (softmax - onehot) * scale, padding 0.
  HEADROOM_DEVICE void write_gradient(Thread& thread, std::int64_t begin, std::int64_t target,
                                      const RowStatistics& s) const {
    const float factor = scale / s.sum;
    for (std::int64_t i = simt::first_pack(thread); i < vocabulary.part.count; i += simt::pack_step(thread)) {
      const simt::PackAt at = simt::pack_at(begin, i, vocabulary.part.count, aligned);
      Pack p = simt::load(logits.type, logits.data, at);
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) {
        p.v[j] = std::exp(p.v[j] - s.max) * factor - (i + j == target ? scale : 0);
      }
      simt::store(logits.type, logits.data, at, p);
    }
    for (std::int64_t i = vocabulary.part.count + thread.thread(); i < logits.width; i += thread.threads()) {
      simt::store(logits.type, logits.data, begin + i, 0.0F);
    }
  }
};

/// The largest of the existing logits of a row; a block for each row.
struct VocabularyMax {
  static constexpr int kThreads = 512;
  static constexpr int kMinBlocks = 1;

  View row_max;
  ConstView logits;
  std::int64_t count = 0;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, begin = simt::row_begin(logits, row);
    float max = -FLT_MAX;
    for (std::int64_t i = simt::first_pack(thread); i < count; i += simt::pack_step(thread)) {
      const simt::PackAt at = simt::pack_at(begin, i, count, aligned);
      const Pack p = simt::load(logits.type, logits.data, at);
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) max = j < at.n ? fmaxf(max, p.v[j]) : max;
    }
    max = simt::block_max(thread, thread.shared<float>(), max);
    if (thread.thread() == 0) set_row(row_max, row, max);
  }
};

/// What the existing logits of a row add to the statistics of the whole vocabulary; a block for each row.
struct VocabularySums {
  static constexpr int kThreads = 512;
  static constexpr int kMinBlocks = 1;

  View row_sum;
  View target_logit;
  ConstView logits;
  ConstView targets;
  ConstView row_max;
  Vocabulary vocabulary;
  std::int32_t* fault = nullptr;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, begin = simt::row_begin(logits, row), count = vocabulary.part.count;
    const float max = of_row(row_max, row);
    float sum = 0;
    for (std::int64_t i = simt::first_pack(thread); i < count; i += simt::pack_step(thread)) {
      const simt::PackAt at = simt::pack_at(begin, i, count, aligned);
      const Pack p = simt::load(logits.type, logits.data, at);
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) sum += j < at.n ? std::exp(p.v[j] - max) : 0;
    }
    sum = simt::block_sum(thread, thread.shared<float>(), sum);
    if (thread.thread() != 0) return;
    set_row(row_sum, row, sum);
    set_row(target_logit, row, target_logit_of(logits, begin, place_of(targets, row, vocabulary, fault), max));
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

template <class Statistics>
void CudaBackend::cross_entropy_of(View loss, Write write, View logits, ConstView targets, const Vocabulary& vocabulary,
                                   const Statistics& statistics, std::int64_t all_tokens, bool gradient, Fault told) {
  using Kernel = CrossEntropy<Statistics>;
  constexpr std::int64_t kMostBlocks = 4096;
  const std::int64_t blocks = std::min({logits.batch * logits.rows, kMostBlocks, scratch_.floats});
  const auto tokens = static_cast<float>(all_tokens);
  launch(simt::one_block_each_row(blocks, logits.width, kPack, Kernel::kThreads, simt::kReduceBytes),
         Kernel{logits, targets, vocabulary, statistics, scratch_.data, fault(told), 1 / tokens, gradient,
                simt::have_aligned_rows(logits)});
  if (!loss) return;
  launch({{1, 1, 1}, SumLosses::kThreads, simt::kReduceBytes},
         SumLosses{static_cast<float*>(loss.data), scratch_.data, blocks, write, tokens});
}

void CudaBackend::cross_entropy(View loss, Write write, View logits, ConstView targets, std::int64_t all_tokens,
                                bool gradient) {
  check_cross_entropy(loss, logits, targets);
  cross_entropy_of(loss, write, logits, targets, whole_vocabulary(logits.width), ComputedStatistics{}, all_tokens,
                   gradient, Fault::cross_entropy);
}

void CudaBackend::vocabulary_max(View row_max, ConstView logits, const VocabularyPart& part) {
  check_vocabulary_max(row_max, logits, part);
  launch(simt::one_block_each_row(logits.batch * logits.rows, part.count, kPack, VocabularyMax::kThreads,
                                  simt::kReduceBytes),
         VocabularyMax{row_max, logits, part.count, simt::have_aligned_rows(logits)});
}

void CudaBackend::vocabulary_sums(View row_sum, View target_logit, ConstView logits, ConstView targets,
                                  ConstView row_max, const VocabularyPart& part) {
  check_vocabulary_sums(row_sum, target_logit, logits, targets, row_max, part);
  launch(simt::one_block_each_row(logits.batch * logits.rows, part.count, kPack, VocabularySums::kThreads,
                                  simt::kReduceBytes),
         VocabularySums{row_sum, target_logit, logits, targets, row_max, part_of_vocabulary(part),
                        fault(Fault::vocabulary_sums), simt::have_aligned_rows(logits)});
}

void CudaBackend::vocabulary_cross_entropy(View loss, Write write, View logits, ConstView targets, ConstView row_max,
                                           ConstView row_sum, ConstView target_logit, const VocabularyPart& part,
                                           std::int64_t all_tokens, bool gradient) {
  check_vocabulary_cross_entropy(loss, logits, targets, row_max, row_sum, target_logit, part);
  cross_entropy_of(loss, write, logits, targets, part_of_vocabulary(part),
                   GivenStatistics{row_max, row_sum, target_logit}, all_tokens, gradient,
                   Fault::vocabulary_cross_entropy);
}

}  // namespace headroom::kernels::cuda
