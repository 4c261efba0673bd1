#include "layer_state.h"

namespace headroom::measure {
namespace {

/// One block of the whole sequence.
class WholeFeedForward : public FeedForwardWay {
 public:
  void forward(const LayerSite& site, LayerState& state, const Pass& pass, bool x_stays,
               Tensor& output) const override {
    const Rows whole = site.run.whole();
    FeedForwardInput input = feed_forward_input(site, state, whole);
    input.dying = last_read(site, state, pass, x_stays);
    feed_forward_block(site, input, output_rows(site, output, whole), whole, state.feed_forward, pass);
    if (!pass.keeps || site.is_parallel()) state.r.dies();
  }

  void again(const LayerSite& site, LayerState& state) const override {
    const Rows whole = site.run.whole();
    feed_forward_again(site, feed_forward_input(site, state, whole), whole, state.feed_forward);
  }

  void backward(const LayerSite& site, LayerState& state, const Tensor& residual_gradient) const override {
    const Rows whole = site.run.whole();
    feed_forward_backward(site, feed_forward_input(site, state, whole), state.feed_forward, residual_gradient.view(),
                          norm_output_gradient(site, state.attention.waiting, whole.count, whole));
    state.r.dies();
  }
};

}  // namespace

const FeedForwardWay& whole_feed_forward() {
  static const WholeFeedForward way;
  return way;
}

}  // namespace headroom::measure
