#pragma once

#include <headroom/models/job.h>

namespace headroom::sim {

/// What a token of one sequence leaves in a rank's KV cache: 2 L k d elements (Pope et al., arXiv 2211.05102 section
/// 2), or L (d_c + r) with latent attention (DeepSeek-V2, arXiv 2405.04434 section 2.1).
struct CachePerToken {
  Bytes all_layers;
  Bytes without_windows;  ///< in the layers that keep every token: what tokens beyond all windows add

  bool operator==(const CachePerToken&) const = default;
};

/// Of a job as inference, whatever its mode. Throws InputError where the job is refused as such.
[[nodiscard]] CachePerToken cache_per_token(Job job);

}  // namespace headroom::sim
