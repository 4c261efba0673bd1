#pragma once

#include <cstdint>

/// Formulas as papers print them, typed once. They are oracles for tests and a column in reports, never the model.
/// Sizes that do not fit into 64 bits lead to OverflowError.
namespace headroom::sim::published {

/// The papers' symbols, in their meaning: heads share the hidden width (a * d = h), feed-forward is 4h wide.
struct Symbols {
  std::int64_t b = 1;  ///< sequences per micro-batch
  std::int64_t s = 0;  ///< tokens of a sequence
  std::int64_t h = 0;  ///< hidden width
  std::int64_t a = 0;  ///< attention heads (n in the Ring paper)
  std::int64_t L = 0;  ///< layers
  std::int64_t v = 0;  ///< vocabulary
  std::int64_t c = 0;  ///< block size in tokens
  std::int64_t t = 1;  ///< tensor-parallel degree
  std::int64_t p = 1;  ///< pipeline stages
  std::int64_t m = 1;  ///< interleaved model chunks a stage
};

}  // namespace headroom::sim::published
