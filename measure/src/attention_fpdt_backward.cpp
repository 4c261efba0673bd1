#include <utility>

#include "attention_fpdt.h"
#include "attention_kernels.h"
#include "head_exchange.h"
#include "offload.h"

namespace headroom::measure::fpdt {
namespace {

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
  Backward(const LayerSite& site, const Tensor& x, std::vector<ChunkOnHost>& on_host, const Tensor& residual_gradient)
      : site_(site), run_(site.run), x_(x), on_host_(on_host), residual_gradient_(residual_gradient) {}

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
    const bool exchanged = is_exchanged(run_);
    Tensor of_tokens;
    if (exchanged) of_tokens = output_of_tokens(chunk.own, o_over_heads, kDevice);
    Tensor& o = exchanged ? of_tokens : o_over_heads;
    BranchState branch;
    branch_without_output(run_, site_.attention_branch(), o, chunk.rows, branch);
    return output_backward(site_, o, exchanged, branch, residual_gradient_.rows(chunk.rows));
  }

  void key_chunk(const ChunkSite& keys) const {
    KeyChunk kv = fetched_key_chunk(run_, on_host(keys));
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
  void add_query_chunks(const ChunkSite& keys, const KeyChunk& kv, AttentionGradients& sums) const {
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
    AttentionState a;
    a.normed = norm(run_, kAttentionNorm, x_.rows(chunk.rows), site_.weights.attention_norm, kRecompute);
    norm_of_heads(query_projection(site_), a.normed.output, gradients.q);
    norm_of_heads(key_projection(site_), a.normed.output, gradients.k);
    projections_backward(site_, x_.rows(chunk.rows), a, gradients, residual_gradient_.rows(chunk.rows));
  }

  /// Nothing of it is kept.
  void norm_of_heads(const HeadProjection& of, const Tensor& norm_output, const Tensor& gradient) const {
    RawHeads raw;
    raw_heads_again(site_, of, norm_output.view(), raw);
    raw_heads_backward(site_, of, gradient.view(), raw);
  }

  const LayerSite& site_;
  const Run& run_;
  const Tensor& x_;
  std::vector<ChunkOnHost>& on_host_;
  const Tensor& residual_gradient_;
};

}  // namespace

void backward(const LayerSite& site, const Tensor& x, std::vector<ChunkOnHost>& on_host,
              const Tensor& residual_gradient) {
  Backward(site, x, on_host, residual_gradient).run();
}

}  // namespace headroom::measure::fpdt
