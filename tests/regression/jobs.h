#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <headroom/models/job.h>

namespace headroom::test {

/// A job of the regression, with a name that tells it from the others.
struct NamedJob {
  std::string name;
  Job job;
};

/// How many there are.
inline constexpr std::size_t kLiveRows = 1360;

/// Every valid way to compute a layer (attention, feed-forward, keys and values) x recompute x head, twice: the other
/// choices (style, precision, optimizer, accumulation, dropout) and odd sizes (a sequence that is no multiple of the
/// chunk, a chunk longer than the sequence, one token, one layer, one head, several sequences, grouped heads) go round
/// beside them with periods that share no factor, so that each meets every method. Then
/// every method x recompute x precision x type of the moments once more, otherwise trained as by default.
[[nodiscard]] std::vector<NamedJob> regression_jobs();

}  // namespace headroom::test
