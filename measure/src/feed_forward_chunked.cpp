#include "feed_forward.h"

namespace headroom::measure {
namespace {

/// Mini-sequences, of which forward keeps nothing but r.
class ChunkedFeedForward : public FeedForwardWay {
 public:
  void forward(const LayerSite& site, Tensor& r, Tensor& output, FeedForwardState&, const Pass& pass) const override {
    for_each_chunk(site, [&](const Rows& chunk) {
      FeedForwardState state;
      feed_forward_block(site, r.rows(chunk), output_rows(site, output, chunk), chunk, state, kDiscard);
    });
    if (!pass.keeps) r.dies();
  }

  void again(const LayerSite&, const Tensor&, FeedForwardState&) const override {}

  void backward(const LayerSite& site, Tensor& r, FeedForwardState&, const Tensor& residual_gradient) const override {
    for_each_chunk(site, [&](const Rows& chunk) {
      FeedForwardState state;
      feed_forward_again(site, r.rows(chunk), chunk, state);
      feed_forward_backward(site, r.rows(chunk), state, residual_gradient.rows(chunk));
    });
    r.dies();
  }

 private:
  template <class Visit>
  static void for_each_chunk(const LayerSite& site, const Visit& visit) {
    for_each_block(site.run.seq(), site.run.chunks.ffn, visit);
  }
};

}  // namespace

const FeedForwardWay& chunked_feed_forward() {
  static const ChunkedFeedForward way;
  return way;
}

}  // namespace headroom::measure
