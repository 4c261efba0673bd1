#include "catch.h"

#include <fmt/format.h>

#include <headroom/models/presets.h>
#include <headroom/sim/max_context.h>

#include "bench.h"

namespace headroom {
namespace {

Job job_of(const Method& method, Bytes budget) {
  Job job;
  job.model.name = "limits";
  job.model.hidden = 256;
  job.model.vocab = 512;
  LayerKind kind;
  kind.heads = kind.kv_heads = 2;
  kind.head_dim = 128;
  kind.ffn_hidden = 1024;
  kind.activation = Activation::gelu;
  job.model.kinds = {kind};
  job.model.layer_runs = {{2, {0}}};
  job.device = budget_device(budget);
  job.method = method;
  job.method.query_chunk = job.method.kv_chunk = job.method.ffn_chunk = {ChunkRule::tokens, Tokens(128)};
  job.method.head_chunk = {ChunkRule::tokens, Tokens(64)};
  job.precision = Precision::fp32;
  job.optimizer.kind = OptimizerKind::sgd;
  return job;
}

/// The presets, and the blockwise method that recomputes keys and values.
std::vector<Method> methods() {
  std::vector<Method> list;
  for (const std::string_view name : methods_on({})) list.push_back(method_preset(name).method);
  list.push_back(method_preset("bpt").method);
  list.back().key_values = KeyValues::recomputed;
  return list;
}

Job at_length(Job job, Tokens seq) {
  job.seq = seq;
  return job;
}

}  // namespace

TEST_CASE("the longest sequence that runs under a limit is max-context's answer, and the next is refused") {
  const sim::Grid grid{sim::Grid::Kind::multiples, Tokens(32)};
  int pairs = 0;
  for (const Method& method : methods()) {
    for (const Bytes budget : {20_MiB, 28_MiB}) {
      const Job job = job_of(method, budget);
      const sim::MaxContext answer = sim::max_context(sim::Predictor(job), grid);
      INFO(method.name << ", " << name_of(method.key_values) << ", " << budget.count()
                       << " B: " << answer.tokens.count());
      REQUIRE(answer.tokens > Tokens(0));
      CHECK(test::runs_within(at_length(job, answer.tokens), budget));
      CHECK_FALSE(test::runs_within(at_length(job, answer.next), budget));
      ++pairs;
    }
  }
  CHECK(pairs >= 12);
}

#if defined(__SANITIZE_ADDRESS__)
TEST_CASE("the system's limit is not set where the address sanitizer maps terabytes for itself") {
  WARN("skipped: the longest sequence under the operating system's limit");
}
#else
TEST_CASE("under the operating system's limit the longest sequence is max-context's answer, and the next is refused") {
  const sim::Grid grid{sim::Grid::Kind::powers_of_two, Tokens(1)};
  for (const std::string_view name : methods_on({})) {
    const Method& method = method_preset(name).method;
    const Bytes budget = 32_MiB;
    const Job job = job_of(method, budget);
    const sim::MaxContext answer = sim::max_context(sim::Predictor(job), grid);
    INFO(name << ": " << answer.tokens.count());
    CHECK(test::runs_within_system_limit(at_length(job, answer.tokens), budget));
    CHECK_FALSE(test::runs_within_system_limit(at_length(job, answer.next), budget));
  }
}
#endif

}  // namespace headroom
