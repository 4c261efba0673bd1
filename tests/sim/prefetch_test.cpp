// Parameters that come to the device for their use: gathered from the ranks, or fetched from the host, ahead of it.

#include <algorithm>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/sim/combination.h>
#include <headroom/sim/communication.h>
#include <headroom/sim/max_context.h>
#include <headroom/sim/predictor.h>

#include "catch.h"
#include "random_jobs.h"
#include "sized_jobs.h"
#include "works_by_hand.h"

namespace headroom::test {
namespace {

using sim::Predictor;
using sim::TimelineEvent;

constexpr std::int64_t kVocab = 100;
constexpr std::int64_t kLayers = 6;
constexpr std::int64_t kLargest = 64 * 256;  ///< parameter, of the feed-forward

/// 64 wide, in bf16, untied.
Job small_job(const Recompute& recompute) {
  Job job = bf16_job(gpt_style(4, 16, kVocab, kLayers),
                     method_of(Attention::flash, FeedForward::whole, Head::fused, Tokens(4)), recompute);
  job.model.tied_embeddings = false;
  job.model.positions = Positions::rope;
  return job;
}

Job on_host(Job job, std::int64_t prefetch) {
  job.method.offload_optimizer = job.method.offload_parameters = true;
  job.method.prefetch = prefetch;
  return job;
}

Job gathered(Job job, std::int64_t prefetch) {
  job.degrees.data = 2;
  job.method.sharding = StateSharding::zero3;
  job.method.prefetch = prefetch;
  return job;
}

/// Bytes of each unit's parameters, as the parameter count has them.
std::int64_t unit_bytes(const Job& job, std::int64_t unit) {
  const std::int64_t table = job.model.vocab * job.model.hidden;
  Transformer model = job.model;
  if (unit >= 0) {
    const std::int64_t whole = parameter_count(model);
    ++model.layer_runs.front().repeat;
    return 2 * (parameter_count(model) - whole);
  }
  model.layer_runs.clear();
  return 2 * (unit == kEmbeddingUnit ? table : parameter_count(model) - table);
}

/// The most parameters that works have on the device together.
std::int64_t most_on_device(const Job& job, std::int64_t prefetch) {
  std::int64_t most = 0;
  for (const auto& units : units_on_device(units_of_works(job.recompute, kLayers), prefetch).during) {
    std::int64_t bytes = 0;
    for (const std::int64_t unit : units) bytes += unit_bytes(job, unit);
    most = std::max(most, bytes);
  }
  return most;
}

/// The most that a step has of one category.
std::int64_t most_of(const Job& job, Category category) {
  Bytes live;
  Bytes most;
  Predictor(job).timeline(Tokens(40), [&](const TimelineEvent& event) {
    if (event.category != category) return;
    live += event.born ? event.bytes : Bytes() - event.bytes;
    most = std::max(most, live);
  });
  return most.count();
}

}  // namespace

TEST_CASE("from the host come the parameters of a work and of as many works behind it as the prefetch depth says") {
  for (const Recompute& recompute :
       {Recompute{RecomputeKind::none, 1}, {RecomputeKind::full, 1}, {RecomputeKind::every, 4}}) {
    for (const std::int64_t depth : {0, 1, 2, 3, 7, 40}) {
      const Job job = on_host(small_job(recompute), depth);
      INFO(format_recompute(recompute) << ", depth " << depth);
      CHECK(most_of(job, Category::parameters) == most_on_device(job, depth));
    }
  }
}

TEST_CASE("under ZeRO-3 the same units are gathered from the ranks") {
  for (const std::int64_t depth : {0, 1, 2, 5, 40}) {
    const Job job = gathered(small_job({RecomputeKind::every, 4}), depth);
    INFO("depth " << depth);
    CHECK(most_of(job, Category::communication) == most_on_device(job, depth));
  }
}

TEST_CASE("shards on the host come one by one, each beside the whole parameter that is gathered from it") {
  const Job job = gathered(on_host(small_job({RecomputeKind::full, 1}), 0), 0);
  CHECK(most_of(job, Category::parameters) == 2 * kLargest / 2);
  CHECK(most_of(job, Category::communication) == most_on_device(job, 0));
}

TEST_CASE("what persists of parameters is on the host, where the optimizer updates it beside a copy of each gradient") {
  Job job = on_host(small_job({RecomputeKind::full, 1}), 1);
  job.optimizer = {.kind = OptimizerKind::adamw};
  const std::int64_t count = parameter_count(job.model);
  const std::int64_t states = 2 + 4 + 4;  // bf16 values, two fp32 moments
  CHECK(Predictor(job).host_peak(Tokens(40)) == Bytes(states * count + 2 * kLargest));
  const Job shared = gathered(job, 1);
  CHECK(2 * Predictor(shared).host_peak(Tokens(40)) == Predictor(job).host_peak(Tokens(40)));
}

TEST_CASE("a unit that a work in front has brought is not sent again") {
  for (const std::int64_t depth : {0, 1, 2, 3, 40}) {
    const Job job = gathered(small_job({RecomputeKind::every, 4}), depth);
    const UnitsOnDevice units = units_on_device(units_of_works(job.recompute, kLayers), depth);
    std::int64_t bytes = 0;
    for (const auto& [unit, times] : units.arrivals) bytes += times * unit_bytes(job, unit) / 2;
    INFO("depth " << depth);
    CHECK(sim::communication(job, Tokens(40)).step()[sim::Purpose::parameters].bytes == Bytes(bytes));
  }
}

TEST_CASE("parameters on the host make room for longer sequences on the device, and a smaller host ends them") {
  Job job;
  job.model = model_preset("llama-3-8b");
  job.device = device_preset("rtx-4090");
  job.method = method_preset("flash").method;
  job.precision = Precision::bf16;
  job.method.offload_optimizer = true;
  job.method.sharding = StateSharding::none;
  const Tokens resident = sim::longest_context(Predictor(job), {});
  job = on_host(job, 0);
  const Tokens fetched = sim::longest_context(Predictor(job), {});
  CHECK(fetched > resident);
  job.host_memory = Bytes(std::int64_t{40} << 30);
  CHECK(sim::longest_context(Predictor(job), {}) == Tokens(0));
}

TEST_CASE("parameter offload and prefetch that make no sense are refused in a sentence, or said to be void") {
  Job job = on_host(small_job({RecomputeKind::full, 1}), 1);
  CHECK(sim::check_combination(job).empty());
  Job alone = job;
  alone.method.offload_optimizer = false;
  CHECK_THROWS_WITH(sim::check_combination(alone), contains("offload-parameters needs offload-optimizer"));
  Job shared = job;
  shared.degrees.data = 2;
  shared.method.sharding = StateSharding::zero2;
  CHECK_THROWS_WITH(sim::check_combination(shared), contains("use zero3"));
  Job staged = job;
  staged.degrees.pipeline = 2;
  CHECK_THROWS_WITH(sim::check_combination(staged), contains("do not prefetch"));
  for (const std::int64_t depth : {-1, 1025}) {
    job.method.prefetch = depth;
    CHECK_THROWS_WITH(sim::check_combination(job), contains("from 0 to 1024"));
  }
  Job resident = small_job({RecomputeKind::full, 1});
  resident.method.prefetch = 1;
  REQUIRE(sim::check_combination(resident).size() == 1);
  CHECK_THAT(sim::check_combination(resident).front(), contains("prefetch brings nothing"));
}

}  // namespace headroom::test
