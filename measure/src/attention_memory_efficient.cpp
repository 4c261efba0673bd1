#include <optional>

#include "attention_blocks.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;

KeyBlocks key_blocks_of(const CoreSite& site, const AttentionState& state) {
  return [&](const KeyBlockVisitor& visit) {
    for_each_block(site.keys.count, site.run.chunks.kv, [&](const Rows& keys) {
      visit(keys, some_rows(state.keys(), keys), some_rows(state.values(), keys));
    });
  };
}

/// The accumulators of dk and dv over all query blocks.
struct KeyValueSums {
  Accumulator dk;
  Accumulator dv;

  KeyValueSums(const CoreSite& site, AttentionGradients& gradients)
      : dk(site.run, key_gradient(site, gradients.k, site.keys.count), kKeyAccumulator),
        dv(site.run, value_gradient(site, gradients.v, site.keys.count), kValueAccumulator) {
    site.run.backend.zero(dk.sum());
    site.run.backend.zero(dv.sum());
  }
};

/// Query blocks outside, key blocks inside, score tiles as tensors (docs/runtime.md section 5, "Memory-efficient
/// core").
class MemoryEfficientCore : public AttentionCore {
 public:
  void forward(const CoreSite& site, AttentionState& state, const Pass& pass) const override {
    for_each_query_block(site, [&](const Rows& queries) {
      const Target o = attention_output(site, state.o, site.queries.count, queries, pass);
      (void)attend_blocks(query_block(site, state, queries), o, key_blocks_of(site, state), false);
    });
    if (!pass.keeps) queries_and_keys_die(state);
  }

  [[nodiscard]] bool reads_output() const override { return true; }

  void backward(const CoreSite& site, AttentionState& state, AttentionGradients& gradients) const override {
    std::optional<KeyValueSums> sums;
    for_each_query_block(site, [&](const Rows& queries) { block_backward(site, state, queries, gradients, sums); });
    queries_and_keys_die(state);
    state.o.dies();
    gradients.o.dies();
    sums->dk.round();
    sums->dv.round();
  }

 private:
  template <class Visit>
  static void for_each_query_block(const CoreSite& site, const Visit& visit) {
    for_each_block(site.queries.count, site.run.chunks.query, visit);
  }

  static QueryBlock query_block(const CoreSite& site, const AttentionState& state, const Rows& queries) {
    return {site, queries, state.q.rows(queries), true};
  }

  static void block_backward(const CoreSite& site, AttentionState& state, const Rows& queries,
                             AttentionGradients& gradients, std::optional<KeyValueSums>& sums) {
    const Run& run = site.run;
    const QueryBlock block = query_block(site, state, queries);
    const KeyBlocks key_blocks = key_blocks_of(site, state);
    const ConstView d_out = gradients.o.rows(queries);
    Tensor logsumexp = logsumexp_of_blocks(block, key_blocks);
    Tensor delta = attention_rows(site, "D", queries.count);
    run.backend.attention_delta(delta.view(), d_out, state.o.rows(queries), site.heads);
    Accumulator dq(run, query_gradient(site, gradients.q, site.queries.count, queries), kQueryAccumulator);
    run.backend.zero(dq.sum());
    if (!sums) sums.emplace(site, gradients);
    blocks_backward(block, {block.q, {}, {}, d_out, logsumexp.view(), delta.view()}, dq.sum(), sums->dk.sum(),
                    sums->dv.sum(), key_blocks);
    logsumexp.dies();
    delta.dies();
    dq.round();
  }
};

}  // namespace

const AttentionCore& memory_efficient_core() {
  static const MemoryEfficientCore core;
  return core;
}

}  // namespace headroom::measure
