// How devices are arranged: against trying every product of degrees.

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/arrangement.h>

#include "catch.h"

namespace headroom::test {
namespace {

using sim::Grid;
using sim::Predictor;

Job job_with(std::string_view method) {
  Job job;
  job.model = model_preset("llama-3-8b");
  job.device = device_preset("h100-80gb");
  job.method = method_preset(method).method;
  job.method.sharding = StateSharding::zero3;
  job.seq = Tokens(8192);
  return job;
}

/// The longest context of any degrees of so many ranks; tensor ranks only where no sequence ranks share the work.
Tokens furthest_of_all(Job job, std::int64_t devices) {
  const bool shares_sequence =
      job.method.sequence != SequenceDistribution::none && job.method.sequence != SequenceDistribution::megatron_sp;
  Tokens furthest;
  for (std::int64_t tensor = 1; tensor <= (shares_sequence ? 1 : devices); ++tensor) {
    for (std::int64_t sequence = 1; sequence <= devices; ++sequence) {
      for (std::int64_t ulysses = 1; ulysses <= sequence; ++ulysses) {
        if (devices % (tensor * sequence) != 0) continue;
        job.degrees = {.data = devices / tensor / sequence, .sequence = sequence, .tensor = tensor, .ulysses = ulysses};
        try {
          furthest = std::max(furthest, longest_context(Predictor(job), Grid{}));
        } catch (const InputError&) {
          continue;  // such a job is not to be chosen
        }
      }
    }
  }
  return furthest;
}

}  // namespace

TEST_CASE("the furthest arrangement gets as far as any degrees of so many ranks do") {
  for (const std::string_view method : method_names()) {
    for (const std::int64_t devices : {1, 2, 6, 8}) {
      Job job = job_with(method);
      const sim::Arrangement chosen = sim::furthest_arrangement(job, devices, Grid{});
      INFO(method << " on " << devices);
      CHECK(rank_count(chosen.degrees) == devices);
      const Tokens furthest = furthest_of_all(job, devices);
      job.degrees = chosen.degrees;
      CHECK(longest_context(Predictor(job), Grid{}) == furthest);
    }
  }
}

TEST_CASE("the leanest arrangement needs no more than any other") {
  for (const std::string_view method : method_names()) {
    Job job = job_with(method);
    const sim::Arrangement chosen = sim::leanest_arrangement(job, 8);
    const std::vector<Degrees> all = sim::arrangements(job, 8);
    CHECK(chosen.ways == static_cast<std::int64_t>(all.size()));
    job.degrees = chosen.degrees;
    const Bytes least = Predictor(job).breakdown(job.seq).device;
    for (const Degrees& degrees : all) {
      job.degrees = degrees;
      CHECK(Predictor(job).breakdown(job.seq).device >= least);
    }
  }
}

TEST_CASE("where no arrangement is accepted the chosen degrees are refused with the reason") {
  Job job = job_with("ulysses");
  job.method.attention = Attention::vanilla;
  job.method.feed_forward = FeedForward::blockwise;
  CHECK(sim::arrangements(job, 8).empty());
  job.degrees = sim::furthest_arrangement(job, 8, Grid{}).degrees;
  CHECK(rank_count(job.degrees) == 8);
  CHECK_THROWS_WITH(Predictor(job), contains("blockwise feed-forward is fused with attention"));
}

TEST_CASE("devices that the job's stages cannot share are refused in a sentence") {
  Job job = job_with("ring");
  job.degrees.pipeline = 4;
  CHECK(sim::furthest_arrangement(job, 8, Grid{}).degrees.pipeline == 4);
  CHECK_THROWS_WITH(sim::furthest_arrangement(job, 6, Grid{}),
                    contains("the number of devices is 6; it must be a multiple of 4"));
  CHECK_THROWS_WITH(sim::leanest_arrangement(job, 0), contains("must be from 1"));
}

}  // namespace headroom::test
