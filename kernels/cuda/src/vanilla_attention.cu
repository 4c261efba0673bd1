#include <cmath>
#include <cstdint>

#include "attention_products.h"
#include "attention_rules.h"
#include "cuda_backend.h"
#include "softmax_row.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::Thread;

/// Scores become probabilities in place, 0 where masked; a block for each row, of which a thread writes what it has
/// read.
struct Softmax {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  View scores;
  Heads heads;
  std::int64_t first_query = 0;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, begin = simt::row_begin(scores, row);
    const KeyRange read = keys_read(heads, first_query + row % scores.rows, scores.width);
    const SoftmaxSum s = softmax_sum(thread, scores.type, scores.data, begin + read.first, read.count(),
                                     aligned && read.first % kPack == 0);
    const float factor = 1 / s.sum;
    for (std::int64_t i = simt::first_pack(thread); i < scores.width; i += simt::pack_step(thread)) {
      const simt::PackAt at = simt::pack_at(begin, i, scores.width, aligned);
      Pack p;
      if (i < read.end) p = simt::load(scores.type, scores.data, at);
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) p.v[j] = read.has(i + j) ? std::exp(p.v[j] - s.max) * factor : 0;
      simt::store(scores.type, scores.data, at, p);
    }
  }
};

/// d = p (d - the row's sum of p d), in place; a block for each row.
struct SoftmaxBackward {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  View d_scores;
  ConstView scores;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, step = simt::pack_step(thread);
    const std::int64_t d_begin = simt::row_begin(d_scores, row), p_begin = simt::row_begin(scores, row);
    float sum = 0;
    for (std::int64_t i = simt::first_pack(thread); i < scores.width; i += step) {
      const Pack d = simt::load(d_scores.type, d_scores.data, simt::pack_at(d_begin, i, scores.width, aligned));
      const Pack p = simt::load(scores.type, scores.data, simt::pack_at(p_begin, i, scores.width, aligned));
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) sum += d.v[j] * p.v[j];
    }
    sum = simt::block_sum(thread, thread.shared<float>(), sum);
    for (std::int64_t i = simt::first_pack(thread); i < scores.width; i += step) {
      const simt::PackAt at = simt::pack_at(d_begin, i, scores.width, aligned);
      Pack d = simt::load(d_scores.type, d_scores.data, at);
      const Pack p = simt::load(scores.type, scores.data, simt::pack_at(p_begin, i, scores.width, aligned));
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) d.v[j] = (d.v[j] - sum) * p.v[j];
      simt::store(d_scores.type, d_scores.data, at, d);
    }
  }
};

}  // namespace

void CudaBackend::attention_scores(View scores, ConstView q, ConstView k, const Heads& heads, Position queries) {
  check_scores(scores, q, k, heads, "attention_scores");
  check_query_position(q, k, heads, queries);
  AttentionProducts(*products_, heads).scores(scores, q, k, score_scale(heads));
  launch(
      simt::one_block_each_row(scores.batch * scores.rows, scores.width, kPack, Softmax::kThreads, simt::kReduceBytes),
      Softmax{scores, heads, queries.first, simt::have_aligned_rows(scores)});
}

void CudaBackend::attention_values(View out, ConstView scores, ConstView v, const Heads& heads) {
  check_scores(scores, out, v, heads, "attention_values");
  AttentionProducts(*products_, heads).queries(out, scores, v, 1, Write::set);
}

void CudaBackend::attention_values_backward_v(View dv, ConstView scores, ConstView d_out, const Heads& heads) {
  check_scores(scores, d_out, dv, heads, "attention_values_backward_v");
  AttentionProducts(*products_, heads).keys(dv, scores, d_out, 1, Write::set);
}

void CudaBackend::attention_values_backward_scores(View d_scores, ConstView d_out, ConstView v, const Heads& heads) {
  check_scores(d_scores, d_out, v, heads, "attention_values_backward_scores");
  AttentionProducts(*products_, heads).scores(d_scores, d_out, v, 1);
}

void CudaBackend::softmax_backward(View d_scores, ConstView scores) {
  check_softmax_backward(d_scores, scores);
  launch(simt::one_block_each_row(scores.batch * scores.rows, scores.width, kPack, SoftmaxBackward::kThreads,
                                  simt::kReduceBytes),
         SoftmaxBackward{d_scores, scores, simt::have_aligned_rows(d_scores, scores)});
}

void CudaBackend::attention_scores_backward_q(View dq, ConstView d_scores, ConstView k, const Heads& heads) {
  check_scores(d_scores, dq, k, heads, "attention_scores_backward_q");
  AttentionProducts(*products_, heads).queries(dq, d_scores, k, score_scale(heads), Write::set);
}

void CudaBackend::attention_scores_backward_k(View dk, ConstView d_scores, ConstView q, const Heads& heads) {
  check_scores(d_scores, q, dk, heads, "attention_scores_backward_k");
  AttentionProducts(*products_, heads).keys(dk, d_scores, q, score_scale(heads), Write::set);
}

}  // namespace headroom::kernels::cuda
