#include <utility>

#include "attention_blocks.h"
#include "attention_fpdt.h"
#include "attention_kernels.h"
#include "head_exchange.h"
#include "offload.h"

namespace headroom::measure::fpdt {
namespace {

using kernels::View;

/// Forward of one layer.
class Forward {
 public:
  Forward(const LayerSite& site, const Tensor& x, std::vector<ChunkOnHost>& on_host, const Pass& pass)
      : site_(site), run_(site.run), x_(x), on_host_(on_host), pass_(pass), host_(pass.category(kDevice)) {
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
    if (is_exchanged(run_)) a.o = output_of_tokens(chunk.own, a.o, kDevice);
  }

  /// Each is fetched in front of the kernel of the one before it.
  void add_earlier_chunks(const ChunkSite& chunk, const RunningBlocks& running, const View& q) const {
    KeyChunk held;
    if (chunk.index > 0) held = fetched_key_chunk(run_, on_host_.front());
    for (std::int64_t index = 0; index < chunk.index; ++index) {
      KeyChunk next;
      if (index + 1 < chunk.index) next = fetched_key_chunk(run_, on_host_[static_cast<std::size_t>(index + 1)]);
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

}  // namespace

void forward(const LayerSite& site, const Tensor& x, Tensor& r, std::vector<ChunkOnHost>& on_host, const Pass& pass) {
  Forward(site, x, on_host, pass).run(r);
}

}  // namespace headroom::measure::fpdt
