#include <functional>
#include <utility>

#include <headroom/measure/measurement.h>
#include <headroom/models/error.h>

#include "bench.h"
#include "catch.h"

using namespace headroom;
using headroom::test::Computed;
using headroom::test::Variant;

namespace {

Job offloading(Job job, bool checkpoints, bool optimizer) {
  job.method.offload_checkpoints = checkpoints;
  job.method.offload_optimizer = optimizer;
  return job;
}

Job fetching(Job job, std::int64_t prefetch) {
  job.method.offload_optimizer = job.method.offload_parameters = true;
  job.method.prefetch = prefetch;
  return job;
}

void check_same_bits(const Computed& actual, const Computed& expected) {
  CHECK(actual.loss == expected.loss);
  CHECK(actual.values == expected.values);
  CHECK(actual.parameters == expected.parameters);
}

/// Of the job's parameters on the host, whatever the prefetch.
void check_same_bits_fetched(const Job& job) {
  const Computed here = test::compute(offloading(job, false, false));
  for (const std::int64_t prefetch : {0, 1, 2, 100}) {
    INFO("prefetch " << prefetch);
    check_same_bits(test::compute(fetching(job, prefetch)), here);
  }
}

void check_same_bits(const Job& job) {
  const Computed here = test::compute(offloading(job, false, false));
  for (const auto& [checkpoints, optimizer] : {std::pair{true, false}, {false, true}, {true, true}}) {
    INFO("checkpoints " << checkpoints << ", optimizer " << optimizer);
    check_same_bits(test::compute(offloading(job, checkpoints, optimizer)), here);
  }
}

bool has_checkpoints(const Variant& variant) {
  return variant.recompute.kind == RecomputeKind::full || variant.recompute.kind == RecomputeKind::every;
}

/// A device's memory as the layers see it: the host reaches it through copies alone, and they are counted.
class FarResource : public measure::HostResource {
 public:
  void upload(void* block, const void* from, std::int64_t bytes) override {
    uploaded += bytes;
    HostResource::upload(block, from, bytes);
  }
  void download(void* to, const void* block, std::int64_t bytes) override {
    downloaded += bytes;
    HostResource::download(to, block, bytes);
  }
  [[nodiscard]] bool is_on_host() const override { return false; }

  std::int64_t uploaded = 0;
  std::int64_t downloaded = 0;
};

/// Bytes that one step copies to the device and from it.
std::pair<std::int64_t, std::int64_t> copied(const Job& job) {
  FarResource far;
  measure::Memory memory(far);
  test::Bench bench;
  measure::Trainer trainer(*bench.backend, memory, job, {}, nullptr, measure::alone(), bench.host_side());
  far.uploaded = far.downloaded = 0;
  (void)trainer.step();
  return {far.uploaded, far.downloaded};
}

std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("offload changes no bit of any loss, output, gradient or parameter, whatever the method") {
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job());
  job.precision = GENERATE(Precision::fp32, Precision::bf16_mixed);
  job.dropout = true;
  for (const Variant& variant : test::variants(job.method)) {
    if (!has_checkpoints(variant)) continue;
    INFO(variant.name);
    check_same_bits(test::with(job, variant));
  }
}

TEST_CASE("offload changes no bit, whatever the optimizer, its states and accumulation") {
  Job job = test::llama_job();
  job.recompute = {RecomputeKind::every, 2};
  job.accumulate = GENERATE(false, true);
  job.precision = GENERATE(Precision::fp32, Precision::bf16, Precision::bf16_mixed);
  job.optimizer.kind = GENERATE(OptimizerKind::adamw, OptimizerKind::sgd);
  job.optimizer.states = GENERATE(StateDType::fp32, StateDType::bf16);
  check_same_bits(job);
}

TEST_CASE("parameters on the host change no bit, whatever the method and how far ahead they come") {
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job());
  job.precision = GENERATE(Precision::fp32, Precision::bf16_mixed);
  job.dropout = true;
  std::size_t turn = 0;
  for (const Variant& variant : test::variants(job.method)) {
    if (turn++ % 3 != 0) continue;  // of four recomputes: each method meets one or two
    INFO(variant.name);
    check_same_bits_fetched(test::with(job, variant));
  }
}

TEST_CASE("parameters on the host change no bit, whatever the optimizer, its states and accumulation") {
  Job job = test::gemma_job();
  job.recompute = {RecomputeKind::every, 2};
  job.accumulate = GENERATE(false, true);
  job.precision = GENERATE(Precision::fp32, Precision::bf16, Precision::bf16_mixed);
  job.optimizer.kind = GENERATE(OptimizerKind::adamw, OptimizerKind::sgd);
  job.optimizer.states = GENERATE(StateDType::fp32, StateDType::bf16);
  check_same_bits_fetched(job);
}

TEST_CASE("states that live on the host stay there from step to step") {
  Job job = test::llama_job();
  job.precision = GENERATE(Precision::fp32, Precision::bf16_mixed);
  job.recompute = {RecomputeKind::full, 1};
  const auto losses = [](const Job& of) {
    test::Bench bench;
    measure::MeasureOptions options;
    options.steps = 4;
    return measure::measure(*bench.backend, bench.resource, of, options).runs.at(0).losses;
  };
  const std::vector<Nats> here = losses(job);
  CHECK(losses(offloading(job, true, true)) == here);
  CHECK(losses(fetching(job, 1)) == here);
  CHECK(here.back().count < here.front().count);
}

TEST_CASE("what is offloaded crosses once each way: checkpoints, gradients and parameters") {
  Job job = test::llama_job();
  job.recompute = {RecomputeKind::every, 2};
  job.optimizer.kind = OptimizerKind::adamw;
  const auto [up, down] = copied(job);
  const std::int64_t checkpoints = 2 * 4 * 2 * 13 * 24;  // of layers 0 and 2; fp32, batch 2, 13 tokens, 24 wide
  CHECK(copied(offloading(job, true, false)) == std::pair{up + checkpoints, down + checkpoints});
  // embedding and head; norms; W_q, W_k, W_v, W_o; W_gate, W_up, W_down
  const std::int64_t parameters = 4 * (2 * 37 * 24 + 24 + 3 * (2 * 24 + 24 * (24 + 12 + 12 + 24) + 3 * 24 * 40));
  CHECK(copied(offloading(job, false, true)) == std::pair{up + parameters, down + 2 * parameters});
}

TEST_CASE("offloaded parameters cross once for each time their unit comes, gradients once back") {
  Job job = test::llama_job();
  job.recompute = {RecomputeKind::every, 2};
  const std::pair<std::int64_t, std::int64_t> here = copied(job);
  constexpr std::int64_t h = 24, embedding = 4 * 37 * h, head = 4 * (37 * h + h);
  constexpr std::int64_t layer = 4 * (2 * h + h * (24 + 12 + 12 + 24) + 3 * h * 40);
  constexpr std::int64_t gradients = embedding + head + 3 * layer;
  const auto expected = [&](std::int64_t layers) {
    return std::pair{here.first + embedding + head + layers * layer, here.second + gradients};
  };
  CHECK(copied(fetching(job, 0)) == expected(3 + 4));  // forward; recomputes of 2, 0 and 1, backward of 0
  CHECK(copied(fetching(job, 2)) == expected(3 + 2));
  CHECK(copied(fetching(job, 100)) == expected(3));
}

TEST_CASE("parameters are offloaded with the optimizer alone, and come at most 1024 works ahead") {
  const auto told = [](const auto& change) {
    Job job = fetching(test::llama_job(), 1);
    change(job);
    return refusal([&] { measure::require_runnable(job, {}, 1); });
  };
  CHECK(told([](Job&) {}).empty());
  CHECK_THAT(told([](Job& j) { j.method.offload_optimizer = false; }),
             test::contains("offload_parameters needs the optimizer's states on the host too"));
  CHECK_THAT(told([](Job& j) { j.method.prefetch = -1; }),
             test::contains("prefetch must be between 0 and 1024, not -1"));
  CHECK_THAT(told([](Job& j) { j.method.prefetch = 1025; }), test::contains("between 0 and 1024, not 1025"));
  CHECK(told([](Job& j) { j.method.prefetch = 1024; }).empty());
  CHECK(told([](Job& j) { j.method.sharding = StateSharding::zero1; }).empty());  // one rank has all
}

TEST_CASE("what has no checkpoints cannot offload them, and is refused in a sentence") {
  Job job = offloading(test::llama_job(), true, false);
  const auto told = [&] { return refusal([&] { measure::require_runnable(job, {}, 1); }); };
  job.recompute.kind = RecomputeKind::none;
  CHECK_THAT(told(), test::contains("recompute 'none' has no checkpoints to offload: give recompute 'full'"));
  job.recompute.kind = RecomputeKind::selective;
  CHECK_THAT(told(), test::contains("recompute 'selective' has no checkpoints to offload"));
  job.recompute = {RecomputeKind::every, 2};
  CHECK(told().empty());
}

TEST_CASE("a device without a host, or without the host's kernels, refuses what it cannot offload") {
  test::Bench bench;
  Job job = test::llama_job();
  job.recompute = {RecomputeKind::full, 1};
  const auto told = [&](const Job& of, std::optional<measure::Host> host) {
    return refusal(
        [&] { measure::Trainer(*bench.backend, bench.memory, of, {}, nullptr, measure::alone(), std::move(host)); });
  };
  const measure::Host without_kernels{bench.host};
  CHECK_THAT(told(offloading(job, true, false), {}), test::contains("there is no memory of the host"));
  CHECK_THAT(told(offloading(job, false, true), {}), test::contains("there is no memory of the host"));
  CHECK_THAT(told(offloading(job, true, true), without_kernels), test::contains("without kernels of the host"));
  Job stateless = fetching(job, 0);
  stateless.optimizer.kind = OptimizerKind::sgd;
  CHECK_THAT(told(stateless, {}), test::contains("there is no memory of the host"));
  CHECK_THAT(told(stateless, without_kernels), test::contains("without kernels of the host"));
  CHECK(told(offloading(job, true, false), without_kernels).empty());
  CHECK(told(job, {}).empty());
  FarResource far;
  const auto measured = [&](kernels::Backend* host_backend) {
    return refusal([&] {
      (void)measure::measure(*bench.backend, far, offloading(job, true, true), {}, measure::alone(), host_backend);
    });
  };
  CHECK_THAT(measured(nullptr), test::contains("without kernels of the host"));
  CHECK(measured(bench.backend.get()).empty());
}
