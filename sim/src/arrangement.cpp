#include <headroom/sim/arrangement.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/sim/combination.h>

namespace headroom::sim {
namespace {

/// Largest first.
std::vector<std::int64_t> divisors(std::int64_t n) {
  std::vector<std::int64_t> result;
  for (std::int64_t d = n; d >= 1; --d) {
    if (n % d == 0) result.push_back(d);
  }
  return result;
}

bool is_accepted(Job job, const Degrees& degrees) {
  job.degrees = degrees;
  try {
    (void)check_combination(job);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

bool shares_over_sequence_ranks(const Method& method) {
  return method.sequence != SequenceDistribution::none && method.sequence != SequenceDistribution::megatron_sp;
}

/// Where sequence ranks share the work, tensor ranks are those that the job has: they would take their place.
std::vector<std::int64_t> tensor_degrees(const Job& job, std::int64_t ranks) {
  if (!shares_over_sequence_ranks(job.method)) return divisors(ranks);
  const std::int64_t given = job.degrees.tensor;
  return given >= 1 && ranks % given == 0 ? std::vector<std::int64_t>{given} : std::vector<std::int64_t>{};
}

std::vector<std::int64_t> sequence_degrees(const Method& method, std::int64_t ranks) {
  return shares_over_sequence_ranks(method) ? divisors(ranks) : std::vector<std::int64_t>{1};
}

std::vector<std::int64_t> ulysses_degrees(const Method& method, std::int64_t sequence) {
  return method.sequence == SequenceDistribution::ring_ulysses ? divisors(sequence) : std::vector<std::int64_t>{1};
}

}  // namespace

std::vector<Degrees> arrangements(const Job& job, std::int64_t devices) {
  if (devices < 1 || devices > kMostDevices) {
    throw InputError(fmt::format("the number of devices is {}; it must be from 1 to 2^20", devices));
  }
  const std::int64_t pipeline = job.degrees.pipeline;
  std::vector<Degrees> result;
  if (pipeline < 1 || devices % pipeline != 0) return result;
  const std::int64_t ranks = devices / pipeline;
  for (const std::int64_t tensor : tensor_degrees(job, ranks)) {
    for (const std::int64_t sequence : sequence_degrees(job.method, ranks / tensor)) {
      for (const std::int64_t ulysses : ulysses_degrees(job.method, sequence)) {
        const Degrees degrees{.data = ranks / tensor / sequence,
                              .sequence = sequence,
                              .tensor = tensor,
                              .pipeline = pipeline,
                              .ulysses = ulysses};
        if (is_accepted(job, degrees)) result.push_back(degrees);
      }
    }
  }
  std::stable_sort(result.begin(), result.end(), [](const Degrees& a, const Degrees& b) {
    return std::pair(a.sequence, a.tensor) > std::pair(b.sequence, b.tensor);
  });
  return result;
}

}  // namespace headroom::sim
