#pragma once

namespace headroom::sim {

/// What a rank's share of a size is known by where it has only a part: in the place of a shape's a, k, f and v. Empty:
/// the rank has all.
struct PartSymbols {
  const char* query = "";       ///< for a, the query heads
  const char* key = "";         ///< for k, the key and value heads
  const char* width = "";       ///< for f, the feed-forward width
  const char* vocabulary = "";  ///< for v
  const char* shared = "";      ///< for F, the width of the shared expert
};

}  // namespace headroom::sim
