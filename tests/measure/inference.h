#pragma once

#include "bench.h"

namespace headroom::test {

/// The logits of the last token of every sequence, one sequence behind the other: by prefill and by decode.
struct Logits {
  std::vector<double> prefill;
  std::vector<double> decode;

  bool operator==(const Logits&) const = default;
};

/// Of the last of some runs of a generator.
[[nodiscard]] Logits logits_of(const Job& job, std::int64_t runs = 1);
/// The same on any backend, whose memory the resource is, and on any ranks, each with its part of the vocabulary.
[[nodiscard]] Logits logits_on(kernels::Backend& backend, measure::Resource& resource, const Job& job,
                               measure::Communicator& communicator = measure::alone(), std::int64_t runs = 1);

/// Final norm and head by plain loops over the last row of what the training layers give. `job` trains in fp32 on one
/// rank, without the head's bias or with it.
[[nodiscard]] std::vector<double> logits_by_training(const Job& job);

}  // namespace headroom::test
