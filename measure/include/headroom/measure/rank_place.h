#pragma once

#include <cstdint>

#include <headroom/measure/token_run.h>
#include <headroom/models/job.h>

namespace headroom::measure {

/// Where a rank stands among those of its job (docs/runtime.md section 10). Ranks of a tensor group are consecutive,
/// and so are the groups that share a sequence.
struct RankPlace {
  std::int64_t ranks = 1;           ///< D N t
  std::int64_t data_ranks = 1;      ///< D
  std::int64_t sequence_ranks = 1;  ///< N
  std::int64_t tensor_ranks = 1;    ///< t
  std::int64_t ulysses_ranks = 1;   ///< U: N for Ulysses alone and FPDT, 1 where no heads are exchanged
  bool passes_keys = false;         ///< along a ring over Ulysses groups
  std::int64_t data_rank = 0;       ///< of D
  std::int64_t sequence_rank = 0;   ///< of N
  std::int64_t tensor_rank = 0;     ///< of t
  TokenRun tokens;                  ///< which this rank holds
  TokenRun product_tokens;          ///< which its products see: under Megatron-SP those of its tensor group

  /// D N: those with the same place in their tensor groups, which share the model's states.
  [[nodiscard]] std::int64_t state_ranks() const { return data_ranks * sequence_ranks; }
  [[nodiscard]] bool shares_sequence() const { return sequence_ranks > 1; }
  /// Whether the ranks of its tensor group have tokens of their own: Megatron-SP.
  [[nodiscard]] bool shares_tokens() const { return tokens.count() < product_tokens.count(); }
};

/// The job's degrees must fit its method and sequence: see require_ranks.
[[nodiscard]] RankPlace place_of(const Job& job, std::int64_t rank);

/// Throws InputError in a sentence where `ranks` ranks cannot run the job as section 10 says.
void require_ranks(const Job& job, std::int64_t ranks);

}  // namespace headroom::measure
