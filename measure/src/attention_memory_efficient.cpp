#include <optional>

#include "attention_blocks.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;

KeyBlocks key_blocks_of(const Run& run, const Tensor& k, const Tensor& v) {
  return [&](const KeyBlockVisitor& visit) {
    for_each_block(run.seq(), run.chunks.kv, [&](const Rows& keys) { visit(keys, k.rows(keys), v.rows(keys)); });
  };
}

/// The accumulators of dk and dv over all query blocks.
struct KeyValueSums {
  Accumulator dk;
  Accumulator dv;

  KeyValueSums(const LayerSite& site, AttentionGradients& gradients)
      : dk(site.run, key_gradient(site, gradients.k, site.run.seq()), kKeyAccumulator),
        dv(site.run, value_gradient(site, gradients.v, site.run.seq()), kValueAccumulator) {
    site.run.backend.zero(dk.sum());
    site.run.backend.zero(dv.sum());
  }
};

/// Query blocks outside, key blocks inside, score tiles as tensors (docs/runtime.md section 5, "Memory-efficient
/// core").
class MemoryEfficientCore : public AttentionCore {
 public:
  void forward(const LayerSite& site, AttentionState& state, const Pass& pass) const override {
    const Run& run = site.run;
    for_each_block(run.seq(), run.chunks.query, [&](const Rows& queries) {
      const Target o{state.o, {"o", pass.category(Category::attention)}, run.seq(), site.query_width(), queries};
      (void)attend_blocks(query_block(site, state, queries), o, key_blocks_of(run, state.k, state.v), false);
    });
    if (!pass.keeps) inputs_die(state);
  }

  [[nodiscard]] bool reads_output() const override { return true; }

  void backward(const LayerSite& site, AttentionState& state, AttentionGradients& gradients) const override {
    const Run& run = site.run;
    std::optional<KeyValueSums> sums;
    for_each_block(run.seq(), run.chunks.query,
                   [&](const Rows& queries) { block_backward(site, state, queries, gradients, sums); });
    inputs_die(state);
    state.o.dies();
    gradients.o.dies();
    sums->dk.round();
    sums->dv.round();
  }

 private:
  static QueryBlock query_block(const LayerSite& site, const AttentionState& state, const Rows& queries) {
    return {site, queries, state.q.rows(queries), true};
  }

  static void block_backward(const LayerSite& site, AttentionState& state, const Rows& queries,
                             AttentionGradients& gradients, std::optional<KeyValueSums>& sums) {
    const Run& run = site.run;
    const QueryBlock block = query_block(site, state, queries);
    const KeyBlocks key_blocks = key_blocks_of(run, state.k, state.v);
    const ConstView d_out = gradients.o.rows(queries);
    Tensor logsumexp = logsumexp_of_blocks(block, key_blocks);
    Tensor delta = attention_rows(site, "D", queries.count);
    run.backend.attention_delta(delta.view(), d_out, state.o.rows(queries), site.heads());
    Accumulator dq(run, query_gradient(site, gradients.q, run.seq(), queries), kQueryAccumulator);
    run.backend.zero(dq.sum());
    if (!sums) sums.emplace(site, gradients);
    blocks_backward(block, {block.q, {}, {}, d_out, logsumexp.view(), delta.view()}, dq.sum(), sums->dk.sum(),
                    sums->dv.sum(), key_blocks);
    logsumexp.dies();
    delta.dies();
    dq.round();
  }

  static void inputs_die(AttentionState& state) {
    state.q.dies();
    state.k.dies();
    state.v.dies();
  }
};

}  // namespace

const AttentionCore& memory_efficient_core() {
  static const MemoryEfficientCore core;
  return core;
}

}  // namespace headroom::measure
