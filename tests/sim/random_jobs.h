#pragma once

#include <cstdint>
#include <string>

#include <headroom/models/job.h>

namespace headroom::test {

/// How large a random job may be. Unrolled timelines want few chunks; bare predictions may ask for more of everything.
struct JobLimits {
  std::int64_t hidden = 64;
  std::int64_t heads = 4;  ///< key-value heads, and query heads per key-value head
  std::int64_t head_dim = 16;
  std::int64_t ffn_hidden = 200;
  std::int64_t vocab = 300;
  std::int64_t runs = 3;
  std::int64_t period = 3;
  std::int64_t repeat = 4;
  std::int64_t seq = 300;
  std::int64_t chunks = 6;  ///< most query and key-value chunks of a sequence
  bool chunk_rules = true;  ///< false: explicit chunks only
  bool ranks = true;        ///< false: one rank that offloads nothing
};

/// A valid job that `seed` fixes, its sequence length included. Every choice that has a name is drawn from all of its
/// values, so that a new value is drawn too; a combination that is refused is drawn again.
[[nodiscard]] Job random_job(std::uint64_t seed, const JobLimits& limits = {});
/// The same of inference.
[[nodiscard]] Job random_inference_job(std::uint64_t seed, const JobLimits& limits = {});

/// What a failing test prints: the seed and the job as JSON.
[[nodiscard]] std::string described(std::uint64_t seed, const Job& job);

}  // namespace headroom::test
