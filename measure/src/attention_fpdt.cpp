// FPDT (Yao et al., arXiv 2408.16978 section 4; docs/runtime.md section 10.1): Ulysses chunk by chunk. What waits for
// its turn is on the host.

#include <utility>

#include "attention_blocks.h"
#include "attention_kernels.h"
#include "head_exchange.h"
#include "offload.h"

namespace headroom::measure {
namespace {

using kernels::View;

constexpr Category kDevice = Category::attention;

/// A chunk of the sequence: the rank's rows of it, and the site of its core.
struct ChunkSite {
  std::int64_t index;
  Rows rows;       ///< of the rank's tokens
  CoreSite own;    ///< the rank's tokens, all heads
  CoreSite heads;  ///< all tokens of the chunk, the rank's share of the heads
};

std::int64_t chunk_count(const LayerSite& site) { return site.run.place.tokens.pieces(); }

ChunkSite chunk_site(const LayerSite& site, std::int64_t index) {
  const TokenRun& tokens = site.run.place.tokens;
  const CoreSite own = site.core_site(tokens.piece(index));
  return {index, tokens.rows_of_piece(index), own, site_over_heads(own)};
}

/// Queries of one chunk, keys of another.
CoreSite site_between(const ChunkSite& queries, const ChunkSite& keys) {
  CoreSite site = queries.heads;
  site.keys = keys.heads.keys;
  return site;
}

kernels::AttentionBlock whole_block(const CoreSite& site) { return site.block(site.all_queries(), site.all_keys()); }

/// k and v of a key chunk on the device.
struct KeyValuesOfChunk {
  Tensor k, v;

  void die() {
    k.dies();
    v.dies();
  }
};

KeyValuesOfChunk fetched_key_values(const Run& run, const ChunkOnHost& chunk) {
  KeyValuesOfChunk fetch;
  fetch.k = fetched(run, {"fetched k", kDevice}, chunk.k);
  fetch.v = fetched(run, {"fetched v", kDevice}, chunk.v);
  return fetch;
}

/// Forward of one layer.
class Forward {
 public:
  Forward(const LayerSite& site, const Tensor& x, AttentionState& state, const Pass& pass)
      : site_(site), run_(site.run), x_(x), on_host_(state.on_host), pass_(pass), host_(pass.category(kDevice)) {
    on_host_.resize(static_cast<std::size_t>(chunk_count(site)));
  }

  void run(Tensor& r) {
    for (std::int64_t chunk = 0; chunk < chunk_count(site_); ++chunk) run(chunk_site(site_, chunk), r);
    if (pass_.keeps) return;
    for (ChunkOnHost& chunk : on_host_) {
      chunk.k.dies();
      chunk.v.dies();
    }
  }

 private:
  void run(const ChunkSite& chunk, Tensor& r) {
    AttentionState a;
    project(chunk, a);
    leave_key_values(chunk, a);
    attend(chunk, a);
    const Target target{r, {"r", Category::saved_activations}, run_.seq(), run_.hidden(), chunk.rows};
    branch_forward(run_, site_.attention_branch(), a.o, x_.rows(chunk.rows), target, chunk.rows, kDiscard, a.branch);
  }

  void project(const ChunkSite& chunk, AttentionState& a) const {
    a.normed = norm(run_, kAttentionNorm, x_.rows(chunk.rows), site_.weights.attention_norm, kDiscard);
    project_all(site_, a, chunk.rows, kDiscard);
    queries_and_keys_to_heads(chunk.own, a, kDevice);
  }

  [[nodiscard]] ChunkOnHost& on_host(const ChunkSite& chunk) const {
    return on_host_[static_cast<std::size_t>(chunk.index)];
  }

  void leave_key_values(const ChunkSite& chunk, const AttentionState& a) const {
    const bool is_last = chunk.index + 1 == chunk_count(site_);
    if (is_last && !pass_.keeps) return;
    on_host(chunk).k = copy_on_host(run_, {"copy of k", host_}, a.k);
    on_host(chunk).v = copy_on_host(run_, {"copy of v", host_}, a.v);
  }

  /// From q, k and v to o of the rank's tokens.
  void attend(const ChunkSite& chunk, AttentionState& a) const {
    const CoreSite& heads = chunk.heads;
    const std::int64_t rows = heads.queries.count;
    RunningBlocks running(heads, rows, attention_output(heads, a.o, rows, heads.all_queries(), kDiscard), kDevice);
    add_earlier_chunks(chunk, running, a.q.view());
    add(heads, running, a.q.view(), a.k.view(), a.v.view());
    a.k.dies();
    a.v.dies();
    ChunkOnHost& host = on_host(chunk);
    if (pass_.keeps) host.q = copy_on_host(run_, {"copy of q", host_}, a.q);
    a.q.dies();
    a.logsumexp = running.end();
    if (pass_.keeps) {
      host.logsumexp = copy_on_host(run_, {"copy of the logsumexp", host_}, a.logsumexp);
      host.o = copy_on_host(run_, {"copy of o", host_}, a.o);
    }
    a.logsumexp.dies();
    if (run_.communicator.ulysses().size() > 1) a.o = output_of_tokens(chunk.own, a.o, kDevice);
  }

  /// Each is fetched in front of the kernel of the one before it.
  void add_earlier_chunks(const ChunkSite& chunk, const RunningBlocks& running, const View& q) const {
    KeyValuesOfChunk held;
    if (chunk.index > 0) held = fetched_key_values(run_, on_host_.front());
    for (std::int64_t index = 0; index < chunk.index; ++index) {
      KeyValuesOfChunk next;
      if (index + 1 < chunk.index) next = fetched_key_values(run_, on_host_[static_cast<std::size_t>(index + 1)]);
      add(site_between(chunk, chunk_site(site_, index)), running, q, held.k.view(), held.v.view());
      held.die();
      held = std::move(next);
    }
  }

  static void add(const CoreSite& site, const RunningBlocks& running, const View& q, const View& k, const View& v) {
    blocks_add(site, running.view(), {}, q, k, v, whole_block(site));
  }

  const LayerSite& site_;
  const Run& run_;
  const Tensor& x_;
  std::vector<ChunkOnHost>& on_host_;
  const Pass& pass_;
  Category host_;  ///< of what the pass leaves there
};

/// What the kernels of backward read of a query chunk, and the sum of dq that they add to.
struct QueryChunk {
  Tensor q, d_o, logsumexp, delta;
  Tensor dq_sum;

  void operands_die() {
    q.dies();
    d_o.dies();
    logsumexp.dies();
    delta.dies();
  }
};

/// Backward of one layer.
class Backward {
 public:
  Backward(const LayerSite& site, const Tensor& x, AttentionState& state, const Tensor& residual_gradient)
      : site_(site), run_(site.run), x_(x), on_host_(state.on_host), residual_gradient_(residual_gradient) {}

  void run() {
    const std::int64_t chunks = chunk_count(site_);
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) output_of_chunk(chunk_site(site_, chunk));
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) key_chunk(chunk_site(site_, chunk));
    on_host_.clear();
  }

 private:
  [[nodiscard]] ChunkOnHost& on_host(const ChunkSite& chunk) const {
    return on_host_[static_cast<std::size_t>(chunk.index)];
  }

  /// Through the branch and the output product: leaves the gradient of o over heads and D on the host.
  void output_of_chunk(const ChunkSite& chunk) const {
    ChunkOnHost& host = on_host(chunk);
    Tensor o_over_heads = fetched(run_, {"fetched o", kDevice}, host.o);
    host.o.dies();
    Tensor d_o = gradient_of_output(chunk, o_over_heads);
    to_heads(chunk.own, d_o, {"gradient of o over heads", kDevice}, chunk.heads.query_width());
    Tensor delta = attention_rows(chunk.heads, "D", chunk.heads.queries.count);
    run_.backend.attention_delta(delta.view(), d_o.view(), o_over_heads.view(), chunk.heads.heads);
    o_over_heads.dies();
    host.d_o = copy_on_host(run_, {"copy of the gradient of o", kDevice}, d_o);
    host.delta = copy_on_host(run_, {"copy of D", kDevice}, delta);
    d_o.dies();
    delta.dies();
  }

  /// Of the rank's tokens. On one rank o of those is the one over heads, which D reads.
  [[nodiscard]] Tensor gradient_of_output(const ChunkSite& chunk, Tensor& o_over_heads) const {
    const bool is_exchanged = run_.communicator.ulysses().size() > 1;
    Tensor of_tokens;
    if (is_exchanged) of_tokens = output_of_tokens(chunk.own, o_over_heads, kDevice);
    Tensor& o = is_exchanged ? of_tokens : o_over_heads;
    BranchState branch;
    branch_without_output(run_, site_.attention_branch(), o, chunk.rows, branch);
    return output_backward(site_, o, is_exchanged, branch, residual_gradient_.rows(chunk.rows));
  }

  void key_chunk(const ChunkSite& keys) const {
    KeyValuesOfChunk kv = fetched_key_values(run_, on_host(keys));
    on_host(keys).k.dies();
    on_host(keys).v.dies();
    AttentionGradients sums;
    sums.k = run_.fp32(kKeyAccumulator, keys.heads.keys.count, keys.heads.kv_width());
    sums.v = run_.fp32(kValueAccumulator, keys.heads.keys.count, keys.heads.kv_width());
    run_.backend.zero(sums.k.view());
    run_.backend.zero(sums.v.view());
    add_query_chunks(keys, kv, sums);
    kv.die();
    take(sums.q, "dq");
    take(sums.k, "dk");
    take(sums.v, "dv");
    projections(keys, sums);
  }

  /// Each query chunk is fetched in front of the kernel of the one before it. The sum of dq of the key chunk's own
  /// place is whole behind its kernel and stays.
  void add_query_chunks(const ChunkSite& keys, const KeyValuesOfChunk& kv, AttentionGradients& sums) const {
    QueryChunk held = fetched_queries(keys, keys);
    for (std::int64_t index = keys.index; index < chunk_count(site_); ++index) {
      const ChunkSite queries = chunk_site(site_, index);
      QueryChunk next;
      if (index + 1 < chunk_count(site_)) next = fetched_queries(chunk_site(site_, index + 1), keys);
      const CoreSite site = site_between(queries, keys);
      blocks_backward(
          site, {held.dq_sum.view(), sums.k.view(), sums.v.view()}, {},
          {held.q.view(), kv.k.view(), kv.v.view(), held.d_o.view(), held.logsumexp.view(), held.delta.view()},
          whole_block(site));
      held.operands_die();
      if (index == keys.index) {
        sums.q = std::move(held.dq_sum);
      } else {
        put_back(on_host(queries).dq_sum, held.dq_sum);
      }
      held = std::move(next);
    }
  }

  /// In the key chunk's own place, where they are read for the last time, the copies on the host die.
  [[nodiscard]] QueryChunk fetched_queries(const ChunkSite& queries, const ChunkSite& keys) const {
    ChunkOnHost& host = on_host(queries);
    QueryChunk chunk;
    chunk.q = fetched(run_, {"fetched q", kDevice}, host.q);
    chunk.d_o = fetched(run_, {"fetched gradient of o", kDevice}, host.d_o);
    chunk.logsumexp = fetched(run_, {"fetched logsumexp", kDevice}, host.logsumexp);
    chunk.delta = fetched(run_, {"fetched D", kDevice}, host.delta);
    chunk.dq_sum = keys.index == 0 ? new_query_sum(queries) : fetched(run_, kQueryAccumulator, host.dq_sum);
    if (queries.index != keys.index) return chunk;
    for (Tensor* copy : {&host.q, &host.d_o, &host.logsumexp, &host.delta, &host.dq_sum}) copy->dies();
    return chunk;
  }

  [[nodiscard]] Tensor new_query_sum(const ChunkSite& queries) const {
    Tensor sum = run_.fp32(kQueryAccumulator, queries.heads.queries.count, queries.heads.query_width());
    run_.backend.zero(sum.view());
    return sum;
  }

  void put_back(Tensor& copy, Tensor& sum) const {
    if (copy) {
      copy_to_host(run_, copy.view(), sum.view());
    } else {
      copy = copy_on_host(run_, {"copy of the accumulator of dq", kDevice}, sum);
    }
    sum.dies();
  }

  /// The sum becomes the gradient: in fp32 it is.
  void take(Tensor& sum, std::string_view name) const {
    if (run_.is_fp32()) return;
    Tensor gradient = run_.activation({name, kDevice}, sum.view().rows, sum.view().width);
    run_.backend.convert(gradient.view(), sum.view());
    sum = std::move(gradient);
  }

  void projections(const ChunkSite& chunk, AttentionGradients& gradients) const {
    gradients_to_tokens(chunk.own, gradients);
    rope_backward(site_, gradients, chunk.rows);
    Normed normed = norm(run_, kAttentionNorm, x_.rows(chunk.rows), site_.weights.attention_norm, kRecompute);
    projections_backward(site_, x_.rows(chunk.rows), normed, gradients, residual_gradient_.rows(chunk.rows));
  }

  const LayerSite& site_;
  const Run& run_;
  const Tensor& x_;
  std::vector<ChunkOnHost>& on_host_;
  const Tensor& residual_gradient_;
};

class FpdtAttention : public AttentionWay {
 public:
  void forward(const LayerSite& site, const Tensor& x, Tensor& r, AttentionState& state,
               const Pass& pass) const override {
    Forward(site, x, state, pass).run(r);
  }
  void backward(const LayerSite& site, const Tensor& x, AttentionState& state,
                const Tensor& residual_gradient) const override {
    Backward(site, x, state, residual_gradient).run();
  }
};

}  // namespace

const AttentionWay& fpdt_attention() {
  static const FpdtAttention way;
  return way;
}

}  // namespace headroom::measure
