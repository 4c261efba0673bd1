#include <optional>

#include "attention_blocks.h"
#include "layer.h"
#include "linear.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::View;
using kernels::Write;

template <class Visit>
void for_each_query_block(const LayerSite& site, const Visit& visit) {
  for_each_block(site.run.seq(), site.run.chunks.query, visit);
}

template <class Visit>
void for_each_key_block(const LayerSite& site, const Visit& visit) {
  for_each_block(site.run.seq(), site.run.chunks.kv, visit);
}

bool keeps_key_values(const LayerSite& site) { return site.run.job.method.key_values == KeyValues::kept; }

/// Whether all key blocks of a query block are one kernel with its score tiles in the workspace.
bool is_one_kernel(const LayerSite& site) {
  return keeps_key_values(site) && site.run.job.method.attention == Attention::flash;
}

Normed norm_of_block(const LayerSite& site, const Tensor& x, const Rows& block, const Pass& pass) {
  return norm(site.run, kAttentionNorm, x.rows(block), site.weights.attention_norm, pass);
}

// --- keys and values ---------------------------------------------------------------------------------------------

/// Writes the rotated key of the norm's output `x`, or its value.
void write_key(const LayerSite& site, const View& out, const ConstView& x, const Rows& keys) {
  forward(site.run, out, x, site.weights.key);
  if (site.run.job.model.positions != Positions::rope) return;
  site.run.backend.rope(out, site.kind.kv_heads, site.kind.head_dim, position(site.run, keys));
}

void write_value(const LayerSite& site, const View& out, const ConstView& x) {
  forward(site.run, out, x, site.weights.value);
}

/// K and V of the whole sequence, key block by key block.
void build_key_values(const LayerSite& site, LayerState& state, Category category) {
  const std::int64_t s = site.run.seq();
  for_each_key_block(site, [&](const Rows& keys) {
    const Normed normed = norm_of_block(site, state.x, keys, kDiscard);
    const Target k{state.attention.k, {"K", category}, s, site.kv_width(), keys};
    write_key(site, k.open(site.run), normed.output.view(), keys);
    const Target v{state.attention.v, {"V", category}, s, site.kv_width(), keys};
    write_value(site, v.open(site.run), normed.output.view());
  });
}

/// k and v of one key block again; they die behind the visit.
void visit_recomputed(const LayerSite& site, const Tensor& x, const Rows& keys, const KeyBlockVisitor& visit) {
  Normed normed = norm_of_block(site, x, keys, kDiscard);
  const Tensor k = site.run.activation({"k", Category::attention}, keys.count, site.kv_width());
  write_key(site, k.view(), normed.output.view(), keys);
  const Tensor v = site.run.activation({"v", Category::attention}, keys.count, site.kv_width());
  write_value(site, v.view(), normed.output.view());
  normed.output.dies();
  visit(keys, k.view(), v.view());
}

KeyBlocks key_blocks_of(const LayerSite& site, const LayerState& state) {
  return [&](const KeyBlockVisitor& visit) {
    for_each_key_block(site, [&](const Rows& keys) {
      if (keeps_key_values(site)) {
        visit(keys, state.attention.k.rows(keys), state.attention.v.rows(keys));
      } else {
        visit_recomputed(site, state.x, keys, visit);
      }
    });
  };
}

// --- attention of a query block ----------------------------------------------------------------------------------

/// What a query block holds besides K and V.
struct BlockState {
  AttentionState attention;
  Tensor r;
  FeedForwardState feed_forward;
};

QueryBlock query_block(const LayerSite& site, const BlockState& block, const Rows& queries) {
  const bool has_tiles = site.run.job.method.attention == Attention::memory_efficient;
  return {site, queries, block.attention.q.view(), has_tiles};
}

/// All keys as one block.
kernels::AttentionBlock over_all_keys(const LayerSite& site, const Rows& queries) {
  return {site.heads(), position(site.run, queries), position(site.run, site.run.whole()), site.attention_dropout()};
}

/// Births o and, if the pass keeps, the logsumexp.
void attend(const LayerSite& site, const LayerState& state, BlockState& block, const Rows& queries, const Pass& pass) {
  AttentionState& a = block.attention;
  if (is_one_kernel(site)) {
    a.o = attention_output(site, queries.count, Category::attention);
    if (pass.keeps) a.logsumexp = attention_rows(site, "logsumexp", queries.count);
    site.run.backend.flash(a.o.view(), a.logsumexp.view(), a.q.view(), state.attention.k.view(),
                           state.attention.v.view(), over_all_keys(site, queries));
    return;
  }
  const Target o = whole_target(a.o, {"o", Category::attention}, queries.count, site.query_width());
  a.logsumexp = attend_blocks(query_block(site, block, queries), o, key_blocks_of(site, state), pass.keeps);
}

/// From x to r.
void attention_of_block(const LayerSite& site, const LayerState& state, BlockState& block, const Rows& queries,
                        const Pass& pass) {
  AttentionState& a = block.attention;
  a.normed = norm_of_block(site, state.x, queries, pass);
  a.q = project_query(site, a.normed.output.view(), queries, Category::attention);
  if (!pass.keeps) a.normed.output.dies();
  attend(site, state, block, queries, pass);
  if (!pass.keeps) a.q.dies();
  const Target r = whole_target(block.r, {"r", Category::saved_activations}, queries.count, site.run.hidden());
  branch_forward(site.run, site.attention_branch(), a.o, state.x.rows(queries), r, queries, pass, a.branch);
}

void forward_of_block(const LayerSite& site, const LayerState& state, const Rows& queries, Tensor& output) {
  BlockState block;
  attention_of_block(site, state, block, queries, kDiscard);
  feed_forward_block(site, block.r.view(), output_rows(site, output, queries), queries, block.feed_forward, kDiscard);
}

// --- backward ----------------------------------------------------------------------------------------------------

/// fp32 sums of dk and dv over the query blocks, spanning the sequence.
struct KeyValueSums {
  Tensor dk;
  Tensor dv;
};

void begin(const LayerSite& site, KeyValueSums& sums) {
  const Run& run = site.run;
  sums.dk = run.fp32(kKeyAccumulator, run.seq(), site.kv_width());
  sums.dv = run.fp32(kValueAccumulator, run.seq(), site.kv_width());
  run.backend.zero(sums.dk.view());
  run.backend.zero(sums.dv.view());
}

/// Through the output product: births the gradient of o.
void output_backward(const LayerSite& site, AttentionState& a, const View& residual_gradient,
                     AttentionGradients& gradients) {
  const Run& run = site.run;
  const BranchGradient branch = branch_backward(run, site.attention_branch(), residual_gradient, a.branch);
  weight_gradient(run, site.weights.output, a.o.view(), branch.dy);
  gradients.o = run.activation({"gradient of o", Category::attention}, a.o.view().rows, site.query_width());
  input_gradient(run, gradients.o.view(), branch.dy, site.weights.output, Write::set);
}

void scores_backward(const LayerSite& site, const LayerState& state, const BlockState& block, const Rows& queries,
                     const kernels::AttentionSaved& saved, const View& dq, const KeyValueSums& sums) {
  kernels::Backend& backend = site.run.backend;
  if (is_one_kernel(site)) {
    kernels::AttentionSaved all = saved;
    all.k = state.attention.k.view();
    all.v = state.attention.v.view();
    backend.flash_backward(dq, sums.dk.view(), sums.dv.view(), Write::add, all, over_all_keys(site, queries));
    return;
  }
  backend.zero(dq);
  blocks_backward(query_block(site, block, queries), saved, dq, sums.dk.view(), sums.dv.view(),
                  key_blocks_of(site, state));
}

/// From the gradient of o to dq, and what the block adds to dk and dv.
void core_backward(const LayerSite& site, const LayerState& state, BlockState& block, const Rows& queries,
                   AttentionGradients& gradients, KeyValueSums& sums) {
  const Run& run = site.run;
  AttentionState& a = block.attention;
  Tensor delta = attention_rows(site, "D", queries.count);
  run.backend.attention_delta(delta.view(), gradients.o.view(), a.o.view(), site.heads());
  a.o.dies();
  Accumulator dq(run, query_gradient(site, gradients.q, queries.count, {0, queries.count}), kQueryAccumulator);
  if (!sums.dk) begin(site, sums);
  scores_backward(site, state, block, queries,
                  {a.q.view(), {}, {}, gradients.o.view(), a.logsumexp.view(), delta.view()}, dq.sum(), sums);
  a.logsumexp.dies();
  delta.dies();
  a.q.dies();
  gradients.o.dies();
  dq.round();
}

Tensor norm_output_gradient(const LayerSite& site, std::int64_t rows) {
  return site.run.activation({"gradient of the attention norm output", Category::attention}, rows, site.run.hidden());
}

void norm_of_block_backward(const LayerSite& site, const Tensor& x, const Rows& block, Normed& normed, Tensor dx,
                            const Tensor& residual_gradient) {
  norm_backward(site.run, residual_gradient.rows(block), Write::add, dx.view(), x.rows(block), normed.statistics.view(),
                site.weights.attention_norm);
  normed.statistics.dies();
}

void query_backward(const LayerSite& site, const Tensor& x, const Rows& queries, Normed& normed, Tensor dq,
                    const Tensor& residual_gradient) {
  const Run& run = site.run;
  rope_backward(site, dq.view(), site.kind.heads, queries);
  weight_gradient(run, site.weights.query, normed.output.view(), dq.view());
  normed.output.dies();
  Tensor dx = norm_output_gradient(site, queries.count);
  input_gradient(run, dx.view(), dq.view(), site.weights.query, Write::set);
  dq.dies();
  norm_of_block_backward(site, x, queries, normed, std::move(dx), residual_gradient);
}

void backward_of_block(const LayerSite& site, const LayerState& state, const Rows& queries,
                       const Tensor& residual_gradient, KeyValueSums& sums) {
  BlockState block;
  attention_of_block(site, state, block, queries, kRecompute);
  feed_forward_again(site, block.r.view(), queries, block.feed_forward);
  feed_forward_backward(site, block.r.view(), block.feed_forward, residual_gradient.rows(queries));
  block.r.dies();
  AttentionGradients gradients;
  output_backward(site, block.attention, residual_gradient.rows(queries), gradients);
  core_backward(site, state, block, queries, gradients, sums);
  query_backward(site, state.x, queries, block.attention.normed, std::move(gradients.q), residual_gradient);
}

/// The rounded sum of one key block; in fp32 the sum's own rows, and nothing is born.
struct Rounded {
  Tensor own;
  View view;

  Rounded(const LayerSite& site, std::string_view name, const Tensor& sum, const Rows& keys) : view(sum.rows(keys)) {
    if (site.run.is_fp32()) return;
    own = site.run.activation({name, Category::attention}, keys.count, site.kv_width());
    site.run.backend.convert(own.view(), view);
    view = own.view();
  }
};

/// Births the gradient of the norm's output.
Tensor key_value_backward(const LayerSite& site, const KeyValueSums& sums, const Rows& keys, Tensor& norm_output) {
  const Run& run = site.run;
  const Rounded dk(site, "dk", sums.dk, keys);
  const Rounded dv(site, "dv", sums.dv, keys);
  rope_backward(site, dk.view, site.kind.kv_heads, keys);
  weight_gradient(run, site.weights.key, norm_output.view(), dk.view);
  weight_gradient(run, site.weights.value, norm_output.view(), dv.view);
  norm_output.dies();
  Tensor dx = norm_output_gradient(site, keys.count);
  input_gradient(run, dx.view(), dk.view, site.weights.key, Write::set);
  input_gradient(run, dx.view(), dv.view, site.weights.value, Write::add);
  return dx;
}

void backward_of_key_block(const LayerSite& site, const Tensor& x, const Rows& keys, const KeyValueSums& sums,
                           const Tensor& residual_gradient) {
  Normed normed = norm_of_block(site, x, keys, kRecompute);
  Tensor dx = key_value_backward(site, sums, keys, normed.output);
  norm_of_block_backward(site, x, keys, normed, std::move(dx), residual_gradient);
}

/// Blockwise Parallel Transformer (docs/runtime.md section 7).
class BlockwiseLayer : public LayerWay {
 public:
  void forward(const LayerSite& site, LayerState& state, const Pass& pass, bool x_stays,
               Tensor& output) const override {
    build(site, state, pass);
    for_each_query_block(site, [&](const Rows& queries) { forward_of_block(site, state, queries, output); });
    if (!pass.keeps) key_values_die(state);
    if (!x_stays) state.x.dies();
  }

  void again(const LayerSite& site, LayerState& state) const override { build(site, state, kRecompute); }

  void backward(const LayerSite& site, LayerState& state, const Tensor& residual_gradient) const override {
    KeyValueSums sums;
    for_each_query_block(
        site, [&](const Rows& queries) { backward_of_block(site, state, queries, residual_gradient, sums); });
    key_values_die(state);
    for_each_key_block(site,
                       [&](const Rows& keys) { backward_of_key_block(site, state.x, keys, sums, residual_gradient); });
    sums = {};
    state.x.dies();
  }

 private:
  static void build(const LayerSite& site, LayerState& state, const Pass& pass) {
    if (keeps_key_values(site)) build_key_values(site, state, pass.category(Category::attention));
  }
  static void key_values_die(LayerState& state) {
    state.attention.k.dies();
    state.attention.v.dies();
  }
};

}  // namespace

const LayerWay& blockwise_layer() {
  static const BlockwiseLayer way;
  return way;
}

}  // namespace headroom::measure
