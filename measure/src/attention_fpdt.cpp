#include "attention_fpdt.h"

#include "head_exchange.h"
#include "offload.h"

namespace headroom::measure {
namespace fpdt {

std::int64_t chunk_count(const LayerSite& site) { return site.run.place.tokens.pieces(); }

ChunkSite chunk_site(const LayerSite& site, std::int64_t index) {
  const TokenRun& tokens = site.run.place.tokens;
  const CoreSite own = site.core_site(tokens.piece(index));
  return {index, tokens.rows_of_piece(index), own, site_over_heads(own)};
}

CoreSite site_between(const ChunkSite& queries, const ChunkSite& keys) {
  CoreSite site = queries.heads;
  site.keys = keys.heads.keys;
  return site;
}

kernels::AttentionBlock whole_block(const CoreSite& site) { return site.block(site.all_queries(), site.all_keys()); }

bool is_exchanged(const Run& run) { return run.communicator.ulysses().size() > 1; }

KeyChunk fetched_key_chunk(const Run& run, const ChunkOnHost& chunk) {
  KeyChunk fetch;
  fetch.k = fetched(run, {"fetched k", kDevice}, chunk.k);
  fetch.v = fetched(run, {"fetched v", kDevice}, chunk.v);
  return fetch;
}

}  // namespace fpdt

namespace {

class FpdtAttention : public AttentionWay {
 public:
  void forward(const LayerSite& site, const Tensor& x, Tensor& r, AttentionState& state,
               const Pass& pass) const override {
    fpdt::forward(site, x, r, state.on_host, pass);
  }
  void backward(const LayerSite& site, const Tensor& x, AttentionState& state,
                const Tensor& residual_gradient) const override {
    fpdt::backward(site, x, state.on_host, residual_gradient);
  }
};

}  // namespace

const AttentionWay& fpdt_attention() {
  static const FpdtAttention way;
  return way;
}

}  // namespace headroom::measure
