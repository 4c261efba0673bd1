#pragma once

#include "attention_core.h"

/// FPDT (Yao et al., arXiv 2408.16978 section 4; docs/runtime.md section 10.1): Ulysses chunk by chunk. What waits for
/// its turn is on the host.
namespace headroom::measure::fpdt {

/// Of everything on the device.
inline constexpr Category kDevice = Category::attention;

/// A chunk of the sequence: the rank's rows of it, and the sites of its core.
struct ChunkSite {
  std::int64_t index = 0;
  Rows rows;       ///< of the rank's tokens
  CoreSite own;    ///< the rank's tokens, all heads
  CoreSite heads;  ///< all tokens of the chunk, the rank's share of the heads
};

[[nodiscard]] std::int64_t chunk_count(const LayerSite& site);
[[nodiscard]] ChunkSite chunk_site(const LayerSite& site, std::int64_t index);
/// Queries of one chunk, keys of another.
[[nodiscard]] CoreSite site_between(const ChunkSite& queries, const ChunkSite& keys);
/// All queries of a site by all its keys.
[[nodiscard]] kernels::AttentionBlock whole_block(const CoreSite& site);
/// Whether heads are exchanged for tokens: on more than one rank.
[[nodiscard]] bool is_exchanged(const Run& run);

/// k and v of a key chunk on the device.
struct KeyChunk {
  Tensor k, v;

  void die() {
    k.dies();
    v.dies();
  }
};
[[nodiscard]] KeyChunk fetched_key_chunk(const Run& run, const ChunkOnHost& chunk);

/// Births r.
void forward(const LayerSite& site, const Tensor& x, Tensor& r, std::vector<ChunkOnHost>& on_host, const Pass& pass);
/// Updates the residual gradient in place; what is on the host dies.
void backward(const LayerSite& site, const Tensor& x, std::vector<ChunkOnHost>& on_host,
              const Tensor& residual_gradient);

}  // namespace headroom::measure::fpdt
