#pragma once

#include <cstdint>

#include <headroom/models/method.h>

namespace headroom::sim {

/// Where the scores of a query block are while its key blocks come by.
enum class BlockScores : std::uint8_t {
  impossible,    ///< the attention needs all queries at once: no blockwise layer
  in_workspace,  ///< tiles within the kernel
  in_tiles,      ///< a tensor of c_q x c_kv
};

[[nodiscard]] constexpr BlockScores block_scores(Attention attention) {
  switch (attention) {
    case Attention::vanilla: return BlockScores::impossible;
    case Attention::memory_efficient: return BlockScores::in_tiles;
    case Attention::flash: return BlockScores::in_workspace;
  }
  return BlockScores::impossible;
}

}  // namespace headroom::sim
