#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/max_context.h>

#include "catch.h"
#include "random.h"
#include "random_jobs.h"

namespace headroom::test {
namespace {

using sim::Grid;
using sim::MaxContext;
using sim::Predictor;

Bytes device_bytes(const Predictor& predictor, Tokens seq) {
  return predictor.peak(seq).allocated + predictor.overhead();
}

/// A grid as the sequence ranks of a job can share its lengths.
struct Lengths {
  Grid grid;
  std::int64_t ranks = 1;

  [[nodiscard]] bool multiples() const { return grid.kind == Grid::Kind::multiples; }
  [[nodiscard]] Tokens first() const { return Tokens(multiples() ? grid.step.count() * ranks : ranks); }
  [[nodiscard]] Tokens behind(Tokens seq) const {
    if (seq == Tokens(0)) return first();
    return Tokens(multiples() ? seq.count() + first().count() : 2 * seq.count());
  }
  [[nodiscard]] bool contain(Tokens seq) const {
    if (multiples()) return seq.count() % first().count() == 0;
    return seq == Tokens(0) || (seq >= first() && std::has_single_bit(static_cast<std::uint64_t>(seq.count())));
  }
};

Grid random_grid(Random& random, std::int64_t ranks) {
  if (std::has_single_bit(static_cast<std::uint64_t>(ranks)) && random.chance(40))
    return {Grid::Kind::powers_of_two, Tokens(256)};
  return {Grid::Kind::multiples, Tokens(random.chance(50) ? 256 : random.between(1, 3000))};
}

/// A device of which `bytes` are left for tensors.
Device device_for(Random& random, Bytes bytes) {
  Device device = budget_device(bytes);
  if (random.chance(50)) return device;
  device.context.bytes = Bytes(random.between(0, 1 << 20));
  device.workspace.bytes = Bytes(random.between(0, 1 << 20));
  device.allocator_slack.bytes = Bytes(random.between(0, 1 << 20));
  device.capacity.bytes += device.context.bytes + device.workspace.bytes + device.allocator_slack.bytes;
  return device;
}

/// A job on a device that is full somewhere below 20,000 tokens.
Job job_with_a_limit(std::uint64_t seed) {
  JobLimits limits;
  limits.seq = 2000;
  Job job = random_job(seed, limits);
  Random random(seed + 1);
  const Bytes full = Predictor(job).peak(Tokens(token_runs(job) * random.between(1, 20000))).allocated;
  job.device = device_for(random, full + Bytes(random.between(0, 5000)));
  return job;
}

bool fits_there_and_not_behind(const Predictor& p, const Lengths& lengths, const MaxContext& answer) {
  const Bytes capacity = p.job().device.capacity.bytes;
  const bool fits = answer.tokens == Tokens(0) || device_bytes(p, answer.tokens) <= capacity;
  return fits && lengths.contain(answer.tokens) && answer.next == lengths.behind(answer.tokens) &&
         device_bytes(p, answer.next) > capacity && answer.capacity == capacity &&
         answer.shortfall == device_bytes(p, answer.next) - capacity;
}

/// Whether the job exceeds the budget without a category; sizes beyond 64 bits do.
bool exceeds_without(const Predictor& p, Category vanished, Tokens seq, Bytes budget) {
  try {
    return p.peak_without(vanished, seq).allocated > budget;
  } catch (const OverflowError&) {
    return true;
  }
}

bool wall_is_at_least_as_far(const Predictor& p, const Lengths& lengths, const MaxContext& answer) {
  const Bytes budget = p.job().device.capacity.bytes - p.overhead();
  const Category binding = answer.breakdown.binding;
  const Tokens wall = answer.next_wall.tokens;
  const Tokens shown = std::max(wall, lengths.first());
  return wall >= answer.tokens && lengths.contain(wall) &&
         (wall == Tokens(0) || !exceeds_without(p, binding, wall, budget)) &&
         exceeds_without(p, binding, lengths.behind(wall), budget) &&
         answer.next_wall.moment == p.peak_without(binding, shown).moment &&
         answer.next_wall.binding == p.breakdown_without(binding, shown).binding && answer.next_wall.binding != binding;
}

bool breakdown_is_at_the_answer(const Predictor& p, const Lengths& lengths, const MaxContext& answer) {
  const sim::Breakdown expected = p.breakdown(std::max(answer.tokens, lengths.first()));
  return answer.breakdown.seq == expected.seq && answer.breakdown.categories == expected.categories &&
         answer.breakdown.moment == expected.moment && answer.breakdown.binding == expected.binding &&
         answer.breakdown.runners_up == expected.runners_up;
}

template <class Rule>
void every_answer(Rule rule) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    const Job job = job_with_a_limit(seed);
    Random random(seed + 2);
    const Lengths lengths{random_grid(random, token_runs(job)), token_runs(job)};
    const Predictor predictor(job);
    if (!rule(predictor, lengths, max_context(predictor, lengths.grid)))
      FAIL("grid step " << lengths.grid.step.count() << ", " << described(seed, job));
  }
  SUCCEED();
}

/// A job whose chunked feed-forward or head follows a rule and weighs enough to bind.
Job job_with_a_chunk_rule(std::uint64_t seed) {
  JobLimits limits;
  limits.hidden = 40;
  limits.heads = 2;
  limits.head_dim = 4;
  limits.ffn_hidden = 400;
  limits.vocab = 600;
  limits.runs = 2;
  limits.period = 2;
  limits.repeat = 2;
  Job job = random_job(seed, limits);
  Random random(seed);
  job.model.hidden = random.between(10, limits.hidden);
  const auto rules = values_of<ChunkRule>();
  const auto rule = random.chance(70) ? ChunkRule::shards_of_hidden : rules[random.below(rules.size())].value;
  if (random.chance(50)) {
    job.method.head = random.chance(50) ? Head::chunked : Head::fused;
    job.method.head_chunk = {rule, Tokens(7)};
  } else {
    job.method.feed_forward = FeedForward::chunked;
    job.method.key_values = KeyValues::kept;
    job.method.ffn_chunk = {rule == ChunkRule::vocab_over_hidden ? ChunkRule::mst_code : rule, Tokens(7)};
  }
  return job;
}

/// A budget below a length's peak and not below a longer one's, where there are such lengths.
Bytes budget_between_peaks(Random& random, const std::vector<Bytes>& peaks) {
  std::vector<std::size_t> falls;
  for (std::size_t i = 0; i + 1 < peaks.size(); ++i) {
    if (peaks[i] > peaks[i + 1]) falls.push_back(i);
  }
  if (falls.empty()) return peaks[random.below(peaks.size())];
  const std::size_t fall = random.one_of(falls);
  return Bytes(random.between(peaks[fall + 1].count(), peaks[fall].count() - 1));
}

/// Every length of the grid that could fit, one by one. Beyond the last, the budget is full before the first backward:
/// with the parameters, the ids, the last layer's output and the final norm's.
struct Scan {
  Tokens largest_fitting;
  Tokens first_failing;

  Scan(const Predictor& p, Tokens step, Bytes budget) {
    const Job& job = p.job();
    const std::int64_t element = element_size(compute_dtype(job.precision));
    const std::int64_t ranks = token_runs(job);
    const std::int64_t token = job.batch * (4 + 4 + 2 * job.model.hidden * element);
    const std::int64_t parameters =
        job.method.offload_parameters ? 0 : parameter_count(job.model) * element / rank_count(job.degrees);
    const std::int64_t last = (budget.count() - parameters) / token * ranks;
    for (std::int64_t s = step.count() * ranks; s <= last; s += step.count() * ranks) {
      const bool fits = p.peak(Tokens(s)).allocated <= budget;
      if (fits) largest_fitting = Tokens(s);
      if (!fits && first_failing == Tokens(0)) first_failing = Tokens(s);
    }
  }
};

}  // namespace

TEST_CASE("at the maximum context the job fits and at the next length of the grid it does not") {
  every_answer(fits_there_and_not_behind);
}

TEST_CASE("the next wall is at least as far, another category, and where the budget ends without the first") {
  every_answer(wall_is_at_least_as_far);
}

TEST_CASE("the breakdown of a maximum context is the one at its length, or at the grid's first") {
  every_answer(breakdown_is_at_the_answer);
}

TEST_CASE("the longest context alone is the maximum context's length") {
  every_answer([](const Predictor& p, const Lengths& lengths, const MaxContext& answer) {
    return longest_context(p, lengths.grid) == answer.tokens;
  });
}

TEST_CASE("with chunk rules the maximum context is what a scan of the whole grid finds") {
  int islands = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Job job = job_with_a_chunk_rule(seed);
    Random random(seed + 3);
    const Tokens step(random.chance(50) ? 1 : random.between(2, 5));
    std::vector<Bytes> peaks;
    const Predictor lengths(job);
    for (std::int64_t i = 1; i <= 100; ++i) {
      peaks.push_back(lengths.peak(Tokens(i * step.count() * token_runs(job))).allocated);
    }
    job.device = budget_device(budget_between_peaks(random, peaks));
    const Predictor predictor(job);
    const Scan scan(predictor, step, job.device.capacity.bytes);
    const Tokens answer = longest_context(predictor, {Grid::Kind::multiples, step});
    if (answer != scan.largest_fitting) {
      FAIL("step " << step.count() << ": " << answer.count() << ", the scan finds " << scan.largest_fitting.count()
                   << "; " << described(seed, job));
    }
    if (scan.first_failing != Tokens(0) && scan.largest_fitting > scan.first_failing) ++islands;
  }
  INFO("jobs that fit again behind a length at which they do not");
  CHECK(islands >= 300);
}

TEST_CASE(
    "the lower bound from a length on exceeds the peak of no longer sequence, never falls, and is the peak without "
    "shards") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Job job = seed % 2 == 0 ? job_with_a_chunk_rule(seed) : random_job(seed);
    const Predictor p(job);
    const auto vanished = Random(seed).value<Category>();
    const bool shards = job.method.ffn_chunk.rule == ChunkRule::shards_of_hidden ||
                        job.method.head_chunk.rule == ChunkRule::shards_of_hidden;
    const auto length = [&job](std::int64_t i) { return Tokens(i * token_runs(job)); };
    Bytes least = p.peak(length(150)).allocated;
    Bytes least_without = p.peak_without(vanished, length(150)).allocated;
    Bytes bound_behind = p.peak_lower_bound_from(length(150));
    for (std::int64_t i = 150; i >= 1; --i) {
      const Bytes peak = p.peak(length(i)).allocated;
      const Bytes bound = p.peak_lower_bound_from(length(i));
      least = std::min(least, peak);
      least_without = std::min(least_without, p.peak_without(vanished, length(i)).allocated);
      const bool holds = bound <= least && bound <= bound_behind && (shards || bound == peak) &&
                         p.peak_without_lower_bound_from(vanished, length(i)) <= least_without;
      if (!holds) FAIL("at " << length(i).count() << " tokens, " << described(seed, job));
      bound_behind = bound;
    }
  }
  SUCCEED();
}

TEST_CASE("a grid step below 1 or above 2^40 is refused in a sentence") {
  Job job = random_job(1);
  const Predictor predictor(job);
  for (const std::int64_t step : {std::int64_t{0}, std::int64_t{-256}, (std::int64_t{1} << 40) + 1}) {
    CHECK_THROWS_WITH(max_context(predictor, {Grid::Kind::multiples, Tokens(step)}), contains("the grid step is"));
    CHECK_THROWS_AS(longest_context(predictor, {Grid::Kind::multiples, Tokens(step)}), InputError);
  }
}

TEST_CASE("a device too small for one length of the grid leaves no context, and says what is missing") {
  Job job = random_job(5);
  job.device = budget_device(Bytes(1));
  const Predictor predictor(job);
  const MaxContext answer = max_context(predictor, {});
  CHECK(answer.tokens == Tokens(0));
  const Tokens first(256 * token_runs(job));
  CHECK(answer.next == first);
  CHECK(answer.shortfall == predictor.peak(first).allocated - Bytes(1));
  CHECK(answer.breakdown.seq == first);
}

}  // namespace headroom::test
