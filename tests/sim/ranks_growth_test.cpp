// What a rank needs when more ranks share the same work: the same sequences, the same tokens, the same model.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <headroom/models/error.h>
#include <headroom/sim/predictor.h>

#include "catch.h"
#include "random.h"
#include "random_jobs.h"
#include "sized_jobs.h"

namespace headroom::test {
namespace {

constexpr std::uint64_t kJobs = 1500;
constexpr std::int64_t kSequences = 24;
constexpr std::array<std::int64_t, 8> kRanks{1, 2, 3, 4, 6, 8, 12, 24};

/// A job of one rank whose sequences and tokens all of kRanks can share evenly. Chunks are explicit: a rule may
/// lengthen a chunk for a smaller batch.
Job shareable_job(std::uint64_t seed) {
  JobLimits limits;
  limits.chunk_rules = false;
  limits.ranks = false;
  if (seed % 2 == 1) {
    limits.hidden = 5000;
    limits.heads = 8;
    limits.head_dim = 128;
    limits.ffn_hidden = 20000;
    limits.vocab = 60000;
    limits.seq = 50000;
  }
  Job job = random_job(seed, limits);
  job.seq = Tokens((job.seq.count() + 23) / 24 * 24);
  job.batch = kSequences;
  job.optimizer.factored = false;  // refused where states are shared
  if (job.optimizer.states == StateDType::int8) job.optimizer.states = StateDType::fp32;  // short shards keep fp32
  Random random(seed);
  job.method.offload_checkpoints = random.chance(25);
  job.method.offload_optimizer = random.chance(25);
  if (random.chance(30)) {
    for (LayerKind& kind : job.model.kinds) {
      kind.heads *= 24;  // which Ulysses shares over all of kRanks
      if (kind.latent) kind.kv_heads = kind.heads;
    }
  }
  return job;
}

/// The job over `ranks`: of each sequence, or with sequences of their own.
Job shared(Job job, SequenceDistribution sequence, StateSharding sharding, std::int64_t ranks) {
  job.method.sequence = sequence;
  job.method.sharding = sharding;
  if (sequence == SequenceDistribution::none) {
    job.degrees.data = ranks;
    job.batch = kSequences / ranks;
    return job;
  }
  job.batch = 1;
  job.degrees.sequence = ranks;
  if (sequence == SequenceDistribution::ring_ulysses && ranks > 1) job.degrees.ulysses = 2;  // refused over odd ranks
  return job;
}

/// None where the combination is refused.
std::optional<sim::Predictor> predictor_of(const Job& job) {
  try {
    return sim::Predictor(job);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

/// What one rank needs over more and more ranks. `from` and `to` are neighbours among those that are accepted.
struct Step {
  const Job& from;
  const Job& to;
  bool from_one = false;  ///< `from` is on one rank
  Bytes before;
  Bytes behind;
};

void every_step(const std::function<void(std::uint64_t, const Step&)>& look) {
  for (std::uint64_t seed = 0; seed < kJobs; ++seed) {
    const Job job = shareable_job(seed);
    const auto sharding = values_of<StateSharding>()[seed / 2 % values_of<StateSharding>().size()].value;
    for (const auto& sequence : values_of<SequenceDistribution>()) {
      std::optional<sim::Predictor> before;
      for (const std::int64_t ranks : kRanks) {
        std::optional<sim::Predictor> behind = predictor_of(shared(job, sequence.value, sharding, ranks));
        if (!behind) continue;
        if (before) {
          const bool from_one = rank_count(before->job().degrees) == 1;
          look(seed, {before->job(), behind->job(), from_one, before->peak(job.seq).allocated,
                      behind->peak(job.seq).allocated});
          if (behind->host_peak(job.seq) > before->host_peak(job.seq)) {
            FAIL("more on the host: " << described(seed, behind->job()));
          }
        }
        before = std::move(behind);
      }
    }
  }
}

/// A blockwise layer is a sequential one where a sequence is shared: it has q, o and the normed input of all of the
/// rank's tokens at once, and they may be more than the sharing saves.
bool leaves_blocks(const Step& step) {
  return step.from_one && step.from.method.feed_forward == FeedForward::blockwise && step.to.degrees.sequence > 1;
}

/// A unit's gradient is whole while its shard is received, and the shards of the others stand beside it; whole
/// parameters stand beside their shards. A model that is nearly one unit may need more than one rank did.
bool hands_out(const Step& step) {
  return step.from_one &&
         (step.to.method.sharding == StateSharding::zero2 || step.to.method.sharding == StateSharding::zero3);
}

/// Bytes of a category, and what a rounded-up share of every tensor adds at most, when the optimizer begins.
struct States {
  BytesByCategory bytes;
  BytesByCategory element;  ///< one element of every tensor
};

States states_of(const Job& job) {
  const sim::Predictor predictor(job);
  States states;
  bool before_optimizer = true;
  predictor.timeline(job.seq, [&](const sim::TimelineEvent& event) {
    before_optimizer = before_optimizer && event.moment.instant != sim::Instant::optimizer_step;
    if (!before_optimizer) return;
    const Bytes element(element_size(event.dtype));
    if (event.born) {
      states.bytes[event.category] += event.bytes;
      states.element[event.category] += element;
    } else {
      states.bytes[event.category] -= event.bytes;
      states.element[event.category] -= element;
    }
  });
  return states;
}

}  // namespace

TEST_CASE("from two ranks on no rank ever needs more when ranks are added and the work stays the same") {
  std::size_t steps = 0;
  every_step([&steps](std::uint64_t seed, const Step& step) {
    if (step.from_one) return;
    ++steps;
    if (step.behind > step.before) {
      FAIL(step.behind.count() << " bytes behind, " << step.before.count() << " before; " << described(seed, step.to));
    }
  });
  CHECK(steps > 5000);
}

TEST_CASE(
    "beside one rank none of several needs more, but for blockwise layers and handed-out gradients or parameters") {
  std::size_t steps = 0;
  std::size_t more_without_blocks = 0;
  every_step([&](std::uint64_t seed, const Step& step) {
    if (!step.from_one) return;
    ++steps;
    if (step.behind <= step.before) return;
    more_without_blocks += leaves_blocks(step) ? 1U : 0U;
    if (!leaves_blocks(step) && !hands_out(step)) {
      FAIL(step.behind.count() << " bytes behind, " << step.before.count() << " before; " << described(seed, step.to));
    }
  });
  CHECK(steps > 2000);
  CHECK(more_without_blocks > 0);  // the exception is real
}

TEST_CASE("a model that is nearly one unit needs more where two ranks hand out its gradients than on one") {
  const Method method = method_of(Attention::flash, FeedForward::whole, Head::chunked, Tokens(8));
  Job one = bf16_job(gpt_style(4, 64, 8, 1), method, {RecomputeKind::full, 1});
  one.seq = Tokens(8);
  one.batch = 2;
  one.accumulate = true;
  Job two = one;
  two.batch = 1;
  two.degrees.data = 2;
  two.method.sharding = StateSharding::zero2;
  CHECK(sim::Predictor(two).peak(two.seq).allocated > sim::Predictor(one).peak(one.seq).allocated);
  two.method.sharding = StateSharding::zero1;
  CHECK(sim::Predictor(two).peak(two.seq).allocated <= sim::Predictor(one).peak(one.seq).allocated);
}

TEST_CASE("shards over all ranks are the whole and less than an element of padding a tensor and rank") {
  for (std::uint64_t seed = 0; seed < kJobs / 5; ++seed) {
    Job job = shareable_job(seed);
    job.method.offload_checkpoints = job.method.offload_optimizer = false;
    const States whole = states_of(job);
    for (const auto& sharding : values_of<StateSharding>()) {
      for (const std::int64_t ranks : {2, 3, 8}) {
        const Job over = shared(job, SequenceDistribution::none, sharding.value, ranks);
        const States rank = states_of(over);
        const auto is_shared = [&sharding](StateSharding first) { return sharding.value >= first; };
        const std::pair<Category, bool> categories[] = {
            {Category::optimizer_state, is_shared(StateSharding::zero1)},
            {Category::gradients, is_shared(StateSharding::zero2)},
            {Category::parameters, is_shared(StateSharding::zero3)},
        };
        for (const auto& [category, in_shards] : categories) {
          CAPTURE(described(seed, over), name_of(category));
          if (!in_shards) {
            CHECK(rank.bytes[category] == whole.bytes[category]);
            continue;
          }
          const std::int64_t all = ranks * rank.bytes[category].count();
          const std::int64_t padding = all - whole.bytes[category].count();
          CHECK(padding >= 0);
          CHECK(padding <= (ranks - 1) * whole.element[category].count());
        }
      }
    }
  }
}

}  // namespace headroom::test
