#include <headroom/sim/arrangement.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/checked.h>
#include <headroom/models/error.h>
#include <headroom/sim/combination.h>
#include <headroom/sim/max_batch.h>
#include <headroom/sim/predictor.h>

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

/// Nothing where the job is refused.
template <class Measure>
auto measured(Job job, const Degrees& degrees, const Measure& measure)
    -> std::optional<decltype(measure(std::declval<const Predictor&>()))> {
  job.degrees = degrees;
  try {
    return measure(Predictor(job));
  } catch (const InputError&) {
    return std::nullopt;
  }
}

/// Ranks of the job that every arrangement keeps, as degrees.
Degrees kept_degrees(const Job& job) {
  return {.tensor = shares_over_sequence_ranks(job.method) ? job.degrees.tensor : 1, .pipeline = job.degrees.pipeline};
}

/// As many sequence ranks as there can be.
Degrees in_one_sequence(const Job& job, std::int64_t devices) {
  Degrees degrees = kept_degrees(job);
  const std::int64_t kept = std::max<std::int64_t>(rank_count(degrees), 1);
  if (devices % kept != 0) {
    throw InputError(fmt::format(
        "the number of devices is {}; it must be a multiple of {}, the job's tensor ranks x pipeline stages", devices,
        kept));
  }
  degrees.sequence = devices / kept;
  return degrees;
}

/// The arrangement with the first of the largest measures.
template <class Measure>
Arrangement best_arrangement(const Job& job, std::int64_t devices, const Measure& measure) {
  const std::vector<Degrees> all = arrangements(job, devices);
  if (all.empty()) return {in_one_sequence(job, devices), 1};
  Arrangement best{all.front(), static_cast<std::int64_t>(all.size())};
  decltype(measured(job, best.degrees, measure)) largest;
  for (const Degrees& degrees : all) {
    const auto value = measured(job, degrees, measure);
    if (!value || (largest && *value <= *largest)) continue;
    largest = value;
    best.degrees = degrees;
  }
  return best;
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

Arrangement furthest_arrangement(const Job& job, std::int64_t devices, const Grid& grid) {
  return best_arrangement(job, devices, [&grid](const Predictor& p) { return longest_context(p, grid); });
}

Arrangement busiest_arrangement(const Job& job, std::int64_t devices) {
  return best_arrangement(job, devices,
                          [](const Predictor& p) { return checked_mul(largest_batch(p.job()), p.job().degrees.data); });
}

Arrangement leanest_arrangement(const Job& job, std::int64_t devices) {
  return best_arrangement(job, devices, [&job](const Predictor& p) { return Bytes() - p.breakdown(job.seq).device; });
}

}  // namespace headroom::sim
