#include "layer_state.h"

namespace headroom::measure {
namespace {

/// Mini-sequences, of which forward keeps nothing but what they read.
class ChunkedFeedForward : public FeedForwardWay {
 public:
  void forward(const LayerSite& site, LayerState& state, const Pass& pass, bool x_stays,
               Tensor& output) const override {
    for_each_chunk(site, [&](const Rows& chunk) {
      FeedForwardState of_chunk;
      feed_forward_block(site, feed_forward_input(site, state, chunk), output_rows(site, output, chunk), chunk,
                         of_chunk, kDiscard);
    });
    if (Tensor* read = last_read(site, state, pass, x_stays)) read->dies();
    if (!pass.keeps || site.is_parallel()) state.r.dies();
  }

  void again(const LayerSite&, LayerState&) const override {}

  void backward(const LayerSite& site, LayerState& state, const Tensor& residual_gradient) const override {
    for_each_chunk(site, [&](const Rows& chunk) {
      FeedForwardState of_chunk;
      const FeedForwardInput input = feed_forward_input(site, state, chunk);
      feed_forward_again(site, input, chunk, of_chunk);
      feed_forward_backward(site, input, of_chunk, residual_gradient.rows(chunk),
                            norm_output_gradient(site, state.attention.waiting, site.run.seq(), chunk));
    });
    state.r.dies();
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
