#include <algorithm>
#include <cstdint>
#include <vector>

#include <headroom/models/error.h>
#include <headroom/sim/arrangement.h>
#include <headroom/sim/max_batch.h>

#include "catch.h"
#include "random.h"
#include "random_jobs.h"

namespace headroom::test {
namespace {

using sim::MaxBatch;
using sim::Predictor;

constexpr std::int64_t kScanned = 40;

Job with_batch(Job job, std::int64_t batch) {
  job.batch = batch;
  return job;
}

bool fits_at(const Job& job, std::int64_t batch) {
  const Predictor p(with_batch(job, batch));
  return sim::fits(p.job(), p.breakdown(job.seq));
}

/// The largest batch that fits, one by one. The budgets are below what kScanned sequences need.
std::int64_t scanned(const Job& job) {
  std::int64_t largest = 0;
  for (std::int64_t batch = 1; batch <= kScanned; ++batch) {
    if (fits_at(job, batch)) largest = batch;
  }
  return largest;
}

Bytes peak_at(const Job& job, std::int64_t batch) { return Predictor(with_batch(job, batch)).peak(job.seq).allocated; }

/// A small job on a device that is full somewhere below kScanned sequences, some with chunks that batches shorten.
Job job_with_a_limit(std::uint64_t seed) {
  JobLimits limits;
  limits.seq = 200;
  Job job = random_job(seed, limits);
  Random random(seed + 1);
  if (random.chance(30)) {
    job.method.feed_forward = FeedForward::chunked;
    job.method.key_values = KeyValues::kept;
    job.method.ffn_chunk = {ChunkRule::mst_code, Tokens(1)};
    job.seq = Tokens(token_runs(job) * random.between(500, 6000));
  }
  const std::int64_t batch = random.chance(40) ? random.between(1, 5) : random.between(1, kScanned / 2);
  job.device = budget_device(peak_at(job, batch) + Bytes(random.between(-1000, 5000)));
  return job;
}

/// What a category's absence leaves is over the budget one batch further, or beyond what is scanned.
bool wall_stands(const Job& job, const MaxBatch& answer) {
  const Category binding = answer.breakdown.binding;
  const std::int64_t wall = answer.next_wall.batch;
  const auto without = [&](std::int64_t batch) {
    return Predictor(with_batch(job, batch)).peak_without(binding, job.seq).allocated;
  };
  const Bytes budget = job.device.capacity.bytes;
  return wall >= answer.batch && (wall == 0 || without(wall) <= budget) &&
         (wall == sim::kLargestBatch || without(wall + 1) > budget) && answer.next_wall.binding != binding;
}

}  // namespace

TEST_CASE("the largest batch is what a scan of all batches finds") {
  int with_host = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    Job job = job_with_a_limit(seed);
    if (uses_host(job.method) && seed % 2 == 0) {
      const std::int64_t full = Random(seed).between(1, 20);
      const Predictor p(with_batch(job, full));
      job.host_memory = std::max(Bytes(1), sim::host_of_node(job, p.host_peak(job.seq)));
      ++with_host;
    }
    const std::int64_t answer = sim::largest_batch(job);
    if (answer != scanned(job)) FAIL(answer << ", the scan finds " << scanned(job) << "; " << described(seed, job));
  }
  CHECK(with_host >= 50);
}

TEST_CASE("the answer to the largest batch says what is there, what is missing behind it, and what binds next") {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    Job job = job_with_a_limit(seed);
    job.host_memory.reset();
    const MaxBatch answer = sim::max_batch(job);
    const auto expected = Predictor(with_batch(job, std::max<std::int64_t>(answer.batch, 1))).breakdown(job.seq);
    const bool holds = answer.batch == sim::largest_batch(job) && answer.shortfall > Bytes() &&
                       answer.shortfall == peak_at(job, answer.batch + 1) - job.device.capacity.bytes &&
                       answer.breakdown.categories == expected.categories &&
                       answer.breakdown.moment == expected.moment && answer.breakdown.binding == expected.binding &&
                       !answer.host && wall_stands(job, answer);
    if (!holds) FAIL(described(seed, job));
  }
  SUCCEED();
}

TEST_CASE("the job's own batch does not change the largest") {
  Job job = job_with_a_limit(3);
  const std::int64_t answer = sim::largest_batch(job);
  CHECK(sim::largest_batch(with_batch(job, 17)) == answer);
}

TEST_CASE("the busiest arrangement runs the most sequences at a time") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    JobLimits limits;
    limits.ranks = false;
    Job job = random_job(seed, limits);
    job.seq = Tokens(8 * 12);
    job.device = budget_device(3 * peak_at(job, 4));
    const auto chosen = sim::busiest_arrangement(job, 4);
    const auto sequences = [&](const Degrees& degrees) {
      Job arranged = job;
      arranged.degrees = degrees;
      return sim::largest_batch(arranged) * degrees.data;
    };
    for (const Degrees& degrees : sim::arrangements(job, 4)) {
      INFO(described(seed, job));
      CHECK(sequences(degrees) <= sequences(chosen.degrees));
    }
  }
}

TEST_CASE("a largest batch needs a length, and a job that is not refused") {
  Job job = random_job(1);
  job.seq = Tokens(0);
  CHECK_THROWS_AS(sim::max_batch(job), InputError);
  job.model.hidden = 0;
  CHECK_THROWS_AS(sim::largest_batch(job), InputError);
}

}  // namespace headroom::test
