#include "absorbed_attention.h"
#include "attention_kernels.h"
#include "blockwise.h"

namespace headroom::measure::blockwise {

QueryBlock query_block(const CoreSite& core, const BlockState& block, const Rows& queries) {
  const bool has_tiles = core.run.job.method.attention == Attention::memory_efficient;
  return {core, queries, block.attention.q.view(), has_tiles};
}

namespace {

/// Births o and, if the pass keeps, the logsumexp.
void attend(const LayerSite& site, const CoreSite& core, const LayerState& state, BlockState& block,
            const Rows& queries, const Pass& pass) {
  AttentionState& a = block.attention;
  const Target o = whole_target(a.o, {"o", Category::attention}, queries.count, core.query_width());
  if (is_one_kernel(site)) {
    const kernels::View out = o.open(site.run);
    if (pass.keeps) a.logsumexp = attention_rows(core, "logsumexp", queries.count);
    flash(core, out, a.logsumexp.view(), a.q.view(), state.attention.keys(), state.attention.values(),
          core.block(queries, core.all_keys()));
    return;
  }
  a.logsumexp = attend_blocks(query_block(core, block, queries), o, key_blocks_of(site, core, state), pass.keeps);
}

}  // namespace

FeedForwardInput feed_forward_input(const LayerSite& site, const LayerState& state, const BlockState& block,
                                    const Rows& queries) {
  FeedForwardInput input;
  input.residual = block.r.view();
  if (site.shares_norm()) {
    input.normed = block.attention.normed.output.view();
  } else {
    input.x = site.is_parallel() ? state.x.rows(queries) : block.r.view();
  }
  return input;
}

void attention_of_block(const LayerSite& site, const CoreSite& core, const LayerState& state, BlockState& block,
                        const Rows& queries, const Pass& pass) {
  AttentionState& a = block.attention;
  a.normed = norm_of_block(site, state.x, queries, pass);
  project_query(site, a.normed.output.view(), queries, Category::attention, pass, a);
  if (!pass.keeps && !site.shares_norm()) a.normed.output.dies();
  absorb_query(site, a);
  attend(site, core, state, block, queries, pass);
  if (!pass.keeps) a.q.dies();
  narrow_output(site, a, pass.keeps, pass);
  if (pass.keeps && site.is_parallel()) {
    branch_without_output(site.run, site.attention_branch(), output_of(site, a), queries, a.branch);
    return;
  }
  const Target r = whole_target(block.r, {"r", Category::saved_activations}, queries.count, site.run.hidden());
  branch_forward(site.run, site.attention_branch(), output_of(site, a), state.x.rows(queries), r, queries, pass,
                 a.branch);
}

}  // namespace headroom::measure::blockwise
