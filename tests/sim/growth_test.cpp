// Memory never falls when a job with explicit chunks grows.

#include <functional>
#include <string>

#include <headroom/sim/predictor.h>

#include "catch.h"
#include "random.h"
#include "random_jobs.h"

namespace headroom::test {
namespace {

constexpr std::uint64_t kJobs = 5000;

JobLimits limits_of(std::uint64_t seed) {
  JobLimits limits;
  limits.chunk_rules = false;
  if (seed % 2 == 0) return limits;
  limits.hidden = 5000;
  limits.heads = 8;
  limits.head_dim = 128;
  limits.ffn_hidden = 20000;
  limits.vocab = 60000;
  limits.seq = 50000;
  return limits;
}

/// A job with explicit chunks, and moments whose type does not follow the length of their parameter. Its layers are
/// equal where they are recomputed every k: else one layer more would move the kinds between segments, and the largest
/// segment might shrink.
Job comparable_job(std::uint64_t seed) {
  Job job = random_job(seed, limits_of(seed));
  if (job.optimizer.states == StateDType::int8) job.optimizer.states = StateDType::fp32;
  if (job.recompute.kind == RecomputeKind::every)
    job.model.kinds.assign(job.model.kinds.size(), job.model.kinds.front());
  return job;
}

/// One more, or many more.
std::int64_t more(Random& random, std::int64_t n) { return random.chance(50) ? n + 1 : n + random.between(1, 2 * n); }

/// Requires of every random job that the one with `grow` applied needs at least as much.
void never_falls(const std::function<void(Random&, Job&)>& grow) {
  for (std::uint64_t seed = 0; seed < kJobs; ++seed) {
    const Job job = comparable_job(seed);
    Job grown = job;
    Random random(seed);
    grow(random, grown);
    const Bytes before = sim::Predictor(job).peak(job.seq).allocated;
    const Bytes behind = sim::Predictor(grown).peak(grown.seq).allocated;
    if (behind < before) {
      FAIL(behind.count() << " bytes behind growth, " << before.count() << " before; grown " << described(seed, grown));
    }
  }
  SUCCEED();
}

}  // namespace

TEST_CASE("with explicit chunks memory never falls when the sequence grows") {
  never_falls([](Random& random, Job& job) {
    const std::int64_t n = token_runs(job);
    job.seq = Tokens(n * more(random, job.seq.count() / n));
  });
}

TEST_CASE("with explicit chunks memory never falls when the batch grows") {
  never_falls([](Random& random, Job& job) { job.batch = more(random, job.batch); });
}

TEST_CASE("with explicit chunks memory never falls when a run of layers repeats more often") {
  never_falls([](Random& random, Job& job) {
    if (job.degrees.pipeline > 1) return;  // its stages must share the layers equally
    if (job.method.prefetch > 0) return;   // which brings a short model's embedding and head together
    LayerRun& run = job.model.layer_runs[random.below(job.model.layer_runs.size())];
    run.repeat = more(random, run.repeat);
  });
}

TEST_CASE("with explicit chunks memory never falls when the hidden width grows and heads keep their size") {
  never_falls([](Random& random, Job& job) { job.model.hidden = more(random, job.model.hidden); });
}

TEST_CASE("with explicit chunks memory never falls when the vocabulary grows") {
  never_falls([](Random& random, Job& job) { job.model.vocab = more(random, job.model.vocab); });
}

TEST_CASE("with explicit chunks memory never falls when the feed-forward width grows") {
  never_falls([](Random& random, Job& job) {
    const std::int64_t t = job.degrees.tensor;  // divides the width
    for (LayerKind& kind : job.model.kinds) kind.ffn_hidden = t * more(random, kind.ffn_hidden / t);
  });
}

}  // namespace headroom::test
