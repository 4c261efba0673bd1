#include "blockwise.h"
#include "key_value_cache.h"

namespace headroom::measure {
namespace {

using namespace blockwise;

void forward_of_block(const LayerSite& site, const CoreSite& core, const LayerState& state, const Rows& queries,
                      Tensor& output) {
  BlockState block;
  attention_of_block(site, core, state, block, queries, kDiscard);
  FeedForwardInput input = feed_forward_input(site, state, block, queries);
  if (site.shares_norm()) input.dying = &block.attention.normed.output;
  feed_forward_block(site, input, output_rows(site, output, queries), queries, block.feed_forward, kDiscard);
}

/// Blockwise Parallel Transformer (docs/runtime.md section 7).
class BlockwiseLayer : public LayerWay {
 public:
  void forward(const LayerSite& site, LayerState& state, const Pass& pass, bool x_stays,
               Tensor& output) const override {
    build(site, state, pass);
    const CoreSite core = core_site_of(site, state.attention);
    for_each_query_block(site, [&](const Rows& queries) { forward_of_block(site, core, state, queries, output); });
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
