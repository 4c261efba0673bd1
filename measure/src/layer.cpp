#include "layer.h"

namespace headroom::measure {
namespace {

bool is_fpdt(const Run& run) { return run.job.method.sequence == SequenceDistribution::fpdt; }

const AttentionWay& attention_way(const LayerSite& site) {
  return is_fpdt(site.run) ? fpdt_attention() : whole_attention();
}

const FeedForwardWay& feed_forward_way(const LayerSite& site) {
  return site.run.job.method.feed_forward == FeedForward::whole ? whole_feed_forward() : chunked_feed_forward();
}

/// Attention of the whole sequence, then feed-forward.
class SequentialLayer : public LayerWay {
 public:
  void forward(const LayerSite& site, LayerState& state, const Pass& pass, bool x_stays,
               Tensor& output) const override {
    attention_way(site).forward(site, state.x, state.r, state.attention, pass);
    if (!x_stays && last_read(site, state, pass, x_stays) != &state.x) state.x.dies();
    feed_forward_way(site).forward(site, state, pass, x_stays, output);
  }

  void again(const LayerSite& site, LayerState& state) const override {
    if (site.is_parallel()) {
      whole_attention_again(site, state.x, state.attention);
    } else {
      attention_way(site).forward(site, state.x, state.r, state.attention, kRecompute);
    }
    feed_forward_way(site).again(site, state);
  }

  void backward(const LayerSite& site, LayerState& state, const Tensor& residual_gradient) const override {
    feed_forward_way(site).backward(site, state, residual_gradient);
    attention_way(site).backward(site, state.x, state.attention, residual_gradient);
    state.x.dies();
  }
};

}  // namespace

const LayerWay& sequential_layer() {
  static const SequentialLayer way;
  return way;
}

const LayerWay& layer_way(const Run& run) {
  const bool is_blockwise = run.job.method.feed_forward == FeedForward::blockwise;
  // A query block's feed-forward cannot start before its last key has come by from another rank.
  return is_blockwise && token_runs(run.job) == 1 && !is_fpdt(run) ? blockwise_layer() : sequential_layer();
}

}  // namespace headroom::measure
