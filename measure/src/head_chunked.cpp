#include "head.h"

namespace headroom::measure {
namespace {

template <class Visit>
void for_each_chunk(const HeadSite& site, const Visit& visit) {
  for_each_block(site.run.seq(), site.run.chunks.head, visit);
}

void chunk_backward(const HeadSite& site, ProductInput& x, Tensor& d_logits, const Rows& chunk) {
  head_weight_gradient(site, d_logits, x);
  x.end();
  head_input_gradient(site, d_logits, chunk);
}

/// Chunks of tokens, whose logits are computed again in backward.
class ChunkedHead : public HeadWay {
 public:
  void run(const HeadSite& site) const override {
    for_each_chunk(site, [&](const Rows& chunk) {
      ProductInput x = head_input(site, chunk, false);
      const Tensor logits = logits_of(site.run, site.weights, x.view, site.run.compute);
      x.end();
      add_loss(site, logits, chunk, false);
    });
    for_each_chunk(site, [&](const Rows& chunk) {
      ProductInput x = head_input(site, chunk, false);
      Tensor logits = logits_of(site.run, site.weights, x.view, site.run.compute);
      loss_gradient(site, logits, chunk);
      chunk_backward(site, x, logits, chunk);
    });
    site.normed.dies();
  }
};

/// Chunks of tokens, whose gradients are made in the forward.
class FusedHead : public HeadWay {
 public:
  void run(const HeadSite& site) const override {
    for_each_chunk(site, [&](const Rows& chunk) {
      ProductInput x = head_input(site, chunk, false);
      Tensor logits = logits_of(site.run, site.weights, x.view, site.run.compute);
      add_loss(site, logits, chunk, true);
      chunk_backward(site, x, logits, chunk);
    });
    site.normed.dies();
  }
};

}  // namespace

const HeadWay& chunked_head() {
  static const ChunkedHead way;
  return way;
}

const HeadWay& fused_head() {
  static const FusedHead way;
  return way;
}

}  // namespace headroom::measure
