#include "feed_forward.h"

namespace headroom::measure {
namespace {

/// One block of the whole sequence.
class WholeFeedForward : public FeedForwardWay {
 public:
  void forward(const LayerSite& site, Tensor& r, Tensor& output, FeedForwardState& state,
               const Pass& pass) const override {
    const Rows whole = site.run.whole();
    feed_forward_block(site, r.view(), output_rows(site, output, whole), whole, state, pass);
    if (!pass.keeps) r.dies();
  }

  void again(const LayerSite& site, const Tensor& r, FeedForwardState& state) const override {
    feed_forward_again(site, r.view(), site.run.whole(), state);
  }

  void backward(const LayerSite& site, Tensor& r, FeedForwardState& state,
                const Tensor& residual_gradient) const override {
    feed_forward_backward(site, r.view(), state, residual_gradient.view());
    r.dies();
  }
};

}  // namespace

const FeedForwardWay& whole_feed_forward() {
  static const WholeFeedForward way;
  return way;
}

}  // namespace headroom::measure
