#include <headroom/sim/arrangement.h>

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

}  // namespace

std::vector<Degrees> arrangements(const Job& job, std::int64_t devices) {
  if (devices < 1 || devices > kMostDevices) {
    throw InputError(fmt::format("the number of devices is {}; it must be from 1 to 2^20", devices));
  }
  const bool shares_sequences = job.method.sequence != SequenceDistribution::none;
  const bool exchanges_heads = job.method.sequence == SequenceDistribution::ring_ulysses;
  std::vector<Degrees> result;
  for (const std::int64_t sequence : shares_sequences ? divisors(devices) : std::vector<std::int64_t>{1}) {
    for (const std::int64_t ulysses : exchanges_heads ? divisors(sequence) : std::vector<std::int64_t>{1}) {
      const Degrees degrees{devices / sequence, sequence, ulysses};
      if (is_accepted(job, degrees)) result.push_back(degrees);
    }
  }
  return result;
}

}  // namespace headroom::sim
