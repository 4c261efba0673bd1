#pragma once

#include <map>
#include <string>

#include "bench.h"
#include "ranks.h"

namespace headroom::test {

/// Values of a tensor of one rank alone, or of this rank's share of it, without padding.
struct Share {
  std::vector<double> values;
  std::vector<std::int64_t> elements;  ///< which of the whole tensor's they are; of an output none are told
  bool padding_is_zero = true;
};

/// What one step leaves: loss, the last layer's output, each gradient, each parameter behind the step.
struct Step {
  double loss = 0;
  std::map<std::string, Share> shares;
};

/// The job on one rank that has the sequences of all of them, and offloads nothing.
[[nodiscard]] Job on_one_rank(Job job);
/// Steps that are large beside the tolerance, and of which a gradient's last bit does not decide the sign: AdamW's
/// first step is g / (|g| + epsilon).
[[nodiscard]] measure::Training steady_training();
[[nodiscard]] Step step_of_one_rank(const Job& job, const measure::Training& training);
/// On all ranks that run the test; this one's share.
[[nodiscard]] Step step_of_ranks(const Job& job, const measure::Training& training);

/// All ranks together compute what one computes: relative difference of each tensor over all shares, none of them zero.
void check_like_one_rank(const Job& job, double tolerance, const measure::Training& training = steady_training());

}  // namespace headroom::test
