// Ring Attention at the longest sequence that a budget a rank allows, and what it reaches beside one rank's bpt.

#include <fmt/format.h>

#include <headroom/measure/resource.h>
#include <headroom/models/presets.h>
#include <headroom/sim/max_context.h>

#include "catch.h"
#include "on_ranks.h"

namespace headroom {
namespace {

constexpr Bytes kBudget = 10_MiB;
constexpr sim::Grid kGrid{sim::Grid::Kind::multiples, Tokens(64)};

Job job_with(std::string_view method, std::int64_t layers, std::int64_t ranks) {
  Job job;
  job.model.name = "limit";
  job.model.hidden = 64;
  job.model.vocab = 32;
  LayerKind kind;
  kind.heads = kind.kv_heads = 4;
  kind.head_dim = 16;
  kind.ffn_hidden = 128;
  kind.activation = Activation::swiglu;
  job.model.kinds = {kind};
  job.model.layer_runs = {{layers, {0}}};
  job.device = budget_device(kBudget);
  job.method = method_preset(method).method;
  job.method.query_chunk = job.method.kv_chunk = job.method.head_chunk = {ChunkRule::tokens, Tokens(64)};
  job.method.head = Head::chunked;
  job.precision = Precision::fp32;
  job.optimizer.kind = OptimizerKind::sgd;
  job.degrees.sequence = ranks;
  return job;
}

/// Every rank sees the same, so all of them refuse at the same tensor, or none.
bool runs_within_budget(Job job, Tokens seq) {
  job.seq = seq;
  try {
    (void)test::measured_on_this_rank(job, kBudget);
    return true;
  } catch (const measure::RefusedAllocation&) {
    return false;
  }
}

/// What a ring reaches, in what as many ranks' bpt would if its contexts added up.
double share_of(std::int64_t layers) {
  const std::int64_t ranks = test::ranks_present();
  const Tokens ring = longest_context(sim::Predictor(job_with("ring", layers, ranks)), kGrid);
  const Tokens bpt = longest_context(sim::Predictor(job_with("bpt", layers, 1)), kGrid);
  return static_cast<double>(ring.count()) / static_cast<double>(ranks * bpt.count());
}

}  // namespace

TEST_CASE("a ring runs at its predicted longest sequence within a budget a rank, and is refused at the next") {
  for (const std::int64_t layers : {2, 16}) {
    const Job job = job_with("ring", layers, test::ranks_present());
    const sim::MaxContext answer = max_context(sim::Predictor(job), kGrid);
    INFO(layers << " layers: " << answer.tokens.count() << " tokens");
    REQUIRE(answer.tokens > Tokens(0));
    CHECK(runs_within_budget(job, answer.tokens));
    CHECK_FALSE(runs_within_budget(job, answer.next));
  }
}

TEST_CASE("a ring reaches less than its ranks' bpt together, and at 16 layers at least 0.65 of that") {
  const double shallow = share_of(2);
  const double deep = share_of(16);
  if (test::this_rank() == 0) fmt::print("ring over N x bpt: {:.2f} at 2 layers, {:.2f} at 16\n", shallow, deep);
  CHECK(shallow < deep);
  CHECK(deep < 1);
  CHECK(deep >= 0.65);
}

}  // namespace headroom
