#include <algorithm>

#include "attention_rules.h"
#include "attention_tiles.h"
#include "loops.h"

namespace headroom::kernels::host {

namespace {

/// The backward of the query heads that share one key-value head: key tiles outside, query tiles inside, so that dk and
/// dv of a tile are summed in scratch memory and written once, and dq in itself.
class GroupBackward {
 public:
  GroupBackward(const TiledAttention& tiled, const AttentionSaved& saved, Scratch& memory)
      : tiled_(tiled),
        saved_(saved),
        heads_(tiled.block.heads),
        d_(heads_.head_dim),
        step_(tile_rows(d_)),
        q_(memory.take(widened_size(saved.q.type, step_, d_))),
        k_(memory.take(widened_size(saved.k.type, step_, d_))),
        v_(memory.take(widened_size(saved.v.type, step_, d_))),
        d_out_(memory.take(widened_size(saved.d_out.type, step_, d_))),
        scores_(memory.take(step_ * step_)),
        d_scores_(memory.take(step_ * step_)),
        dk_{memory.take(step_ * d_), d_},
        dv_{memory.take(step_ * d_), d_} {}

  void run(const View& dq, const View& dk, const View& dv, std::int64_t kv) {
    const std::int64_t group = heads_.heads / heads_.kv_heads;
    for_each_step(0, saved_.k.rows, step_, [&](std::int64_t key, std::int64_t n) {
      take_keys(kv * group, key, n);
      for (std::int64_t item = kv * group; item < (kv + 1) * group; ++item) {
        for_each_step(0, saved_.q.rows, step_, [&](std::int64_t query, std::int64_t rows) {
          if (tiled_.block.reads(query, rows, key, n)) add_queries(dq, item, query, rows);
        });
      }
      write_rows(dk, kv, dk_);
      write_rows(dv, kv, dv_);
    });
  }

 private:
  void take_keys(std::int64_t item, std::int64_t key, std::int64_t n) {
    key_ = key;
    keys_ = n;
    k_tile_ = widened(kv_head(saved_.k, item, heads_, key), n, d_, k_);
    v_tile_ = widened(kv_head(saved_.v, item, heads_, key), n, d_, v_);
    clear(dk_, n, d_);
    clear(dv_, n, d_);
  }

  void add_queries(const View& dq, std::int64_t item, std::int64_t query, std::int64_t rows) const {
    const Matrix q = widened(query_head(saved_.q, item, heads_, query), rows, d_, q_);
    const Matrix d_out = widened(query_head(saved_.d_out, item, heads_, query), rows, d_, d_out_);
    const Sums p = score_sums(tiled_.tile, scores_, item, query, key_, keys_);
    const Sums dp = score_sums(tiled_.d_tile, d_scores_, item, query, key_, keys_);
    probabilities(p, q, item, query, rows);
    const Sums& multiplied = tiled_.block.dropout ? dropped(dp, p, item, query, rows) : p;
    add_product(dv_, multiplied.matrix().transposed(), d_out, keys_, d_, rows, 1);
    score_gradient(dp, p, d_out, item, query, rows);
    const float scale = score_scale(heads_);
    const std::int64_t at = row_begin(dq, item / heads_.heads * dq.rows + query) + item % heads_.heads * d_;
    add_product({&fp32(dq, at), dq.width}, dp.matrix(), k_tile_, rows, d_, keys_, scale);
    add_product(dk_, dp.matrix().transposed(), q, keys_, d_, rows, scale);
  }

  /// p = exp(q k^T / sqrt(d) - lse), 0 where masked.
  void probabilities(const Sums& p, const Matrix& q, std::int64_t item, std::int64_t query, std::int64_t rows) const {
    clear(p, rows, keys_);
    add_product(p, q, k_tile_.transposed(), rows, keys_, d_, score_scale(heads_));
    for (std::int64_t i = 0; i < rows; ++i) {
      const KeyRange read = tiled_.block.keys_read(query + i, key_, keys_);
      Floats row(p.row(i) + read.first, read.count());
      row = (row - fp32(saved_.lse, row_begin(saved_.lse, item) + query + i)).exp();
      clear_outside(p.row(i), read, keys_);
    }
  }

  /// The dropped probabilities, in the place of the score gradient.
  const Sums& dropped(const Sums& out, const Sums& p, std::int64_t item, std::int64_t query, std::int64_t rows) const {
    for (std::int64_t i = 0; i < rows; ++i) {
      std::copy_n(p.row(i), keys_, out.row(i));
      tiled_.drop(out.row(i), item, query + i, key_, keys_);
    }
    return out;
  }

  /// dp = p (dropped(d_out v^T) - delta): the gradient in front of the softmax.
  void score_gradient(const Sums& dp, const Sums& p, const Matrix& d_out, std::int64_t item, std::int64_t query,
                      std::int64_t rows) const {
    clear(dp, rows, keys_);
    add_product(dp, d_out, v_tile_.transposed(), rows, keys_, d_, 1);
    for (std::int64_t i = 0; i < rows; ++i) {
      if (tiled_.block.dropout) tiled_.drop(dp.row(i), item, query + i, key_, keys_);
      Floats row(dp.row(i), keys_);
      row = (row - fp32(saved_.delta, row_begin(saved_.delta, item) + query + i)) * Floats(p.row(i), keys_);
    }
  }

  void write_rows(const View& out, std::int64_t kv, const Sums& sums) const {
    for (std::int64_t j = 0; j < keys_; ++j) {
      const std::int64_t row = row_begin(out, kv / heads_.kv_heads * out.rows + key_ + j);
      write(out.type, out.data, row + kv % heads_.kv_heads * d_, d_, sums.row(j), tiled_.write_kv);
    }
  }

  const TiledAttention& tiled_;
  const AttentionSaved& saved_;
  const Heads& heads_;
  std::int64_t d_;
  std::int64_t step_;
  float* q_;
  float* k_;
  float* v_;
  float* d_out_;
  float* scores_;
  float* d_scores_;
  Sums dk_;
  Sums dv_;
  std::int64_t key_ = 0;
  std::int64_t keys_ = 0;
  Matrix k_tile_;
  Matrix v_tile_;
};

}  // namespace

void HostBackend::attention_backward(View dq, View dk, View dv, const AttentionSaved& saved,
                                     const TiledAttention& tiled) {
  if (!tiled.add_to_dq) zero(dq);
  pool_.run(saved.q.batch * tiled.block.heads.kv_heads, [&](std::int64_t kv, int thread) {
    Scratch memory = scratch(thread);
    GroupBackward(tiled, saved, memory).run(dq, dk, dv, kv);
  });
}

}  // namespace headroom::kernels::host
