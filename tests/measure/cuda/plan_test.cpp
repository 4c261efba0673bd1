#include "plan.h"

#include <headroom/measure/resource.h>
#include <headroom/models/presets.h>

#include "catch.h"

using namespace headroom;
using headroom::test::contains;

namespace {

Job gpt2() {
  Job job;
  job.model = model_preset("gpt2");
  job.method = method_preset("flash").method;
  job.seq = Tokens(1024);
  return job;
}

}  // namespace

TEST_CASE("the plan has the bytes of parameters, gradients and states by precision and optimizer") {
  Job job = gpt2();
  const std::int64_t parameters = *job.model.published_parameters;
  const auto mixed = measure::cuda::plan_of(job);
  CHECK(mixed.parameters == parameters * 2_B);
  CHECK(mixed.gradients == parameters * 2_B);
  CHECK(mixed.states == parameters * 12_B);
  CHECK(mixed.persistent() == parameters * 14_B);
  CHECK(mixed.workspace == 32_MiB);
  job.precision = Precision::fp32;
  CHECK(measure::cuda::plan_of(job).parameters == parameters * 4_B);
  CHECK(measure::cuda::plan_of(job).states == parameters * 8_B);
  job.optimizer.kind = OptimizerKind::sgd;
  CHECK(measure::cuda::plan_of(job).states == 0_B);
  job.precision = Precision::bf16;
  job.optimizer = {OptimizerKind::adamw, StateDType::bf16};
  CHECK(measure::cuda::plan_of(job).states == parameters * 4_B);
}

TEST_CASE("the plan of inference has parameters and a KV cache, and neither gradients nor states") {
  Job job = gpt2();
  job.mode = Mode::inference;
  job.batch = 3;
  const auto plan = measure::cuda::plan_of(job);
  CHECK(plan.parameters == *job.model.published_parameters * 2_B);
  CHECK(plan.cache == 12 * 2 * 3 * 1024 * 768 * 2_B);  // layers, keys and values, sequences, tokens, width
  CHECK(plan.gradients + plan.states + plan.offloaded == 0_B);
  CHECK(plan.persistent() == plan.parameters + plan.cache);
  CHECK_THAT(text_of(job, plan), contains("KV cache"));
}

TEST_CASE("the plan counts momentum, averages, and moments in 8 bits with their scales") {
  Job job = gpt2();
  job.precision = Precision::bf16;
  const std::int64_t parameters = *job.model.published_parameters;
  const auto states = [&] { return measure::cuda::plan_of(job).states; };
  job.optimizer = {OptimizerKind::sgd, StateDType::fp32, Momentum::bf16};
  CHECK(states() == parameters * 2_B);
  // 12 layers, h 768: norms and biases of W_q, W_k, W_v, W_o, W_down; b_up; the final norm
  constexpr std::int64_t h = 768, layers = 12, vectors = layers * (9 * h + 4 * h) + 2 * h;
  job.optimizer = {OptimizerKind::adafactor, StateDType::fp32, Momentum::fp32, false};
  CHECK(states() == parameters * 8_B);
  // the embedding, 1024 positions; W_q, W_k, W_v, W_o; W_up and W_down
  constexpr std::int64_t averages = 50257 + h + 1024 + h + layers * (4 * 2 * h + 2 * (h + 4 * h));
  job.optimizer = {OptimizerKind::adafactor, StateDType::fp32, Momentum::none, true};
  CHECK(states() == (averages + vectors) * 4_B);
  // all products' weights divide by 256, no vector has 4096 elements, tables are in fp32
  constexpr std::int64_t precise = vectors + (50257 + 1024) * h;
  job.optimizer = {OptimizerKind::adamw, StateDType::int8};
  CHECK(states() == 2 * ((parameters - precise) * 1_B + (parameters - precise) / 256 * 4_B + precise * 4_B));
}

TEST_CASE("a job whose persistent tensors do not fit is refused, and one that fits exactly is not") {
  const auto plan = measure::cuda::plan_of(gpt2());
  const Bytes needed = plan.persistent() + plan.workspace;
  CHECK_NOTHROW(measure::cuda::require_room(plan, {needed, 80_GiB}));
  CHECK_THROWS_WITH(measure::cuda::require_room(plan, {needed - 1_B, 80_GiB}),
                    contains("take " + std::to_string(needed.count()) + " bytes") && contains("free"));
}

TEST_CASE("states and parameters that are offloaded do not persist on the device, and the plan says where they are") {
  Job job = gpt2();
  job.method.offload_optimizer = true;
  const auto plan = measure::cuda::plan_of(job);
  CHECK(plan.states == 6 * plan.parameters);
  CHECK(plan.offloaded == plan.states);
  CHECK(plan.persistent() == plan.parameters);
  job.method.offload_parameters = true;
  CHECK(measure::cuda::plan_of(job).offloaded == plan.states + plan.parameters);
  CHECK(measure::cuda::plan_of(job).persistent() == 0_B);
  CHECK_THAT(text_of(job, plan), contains("on the host         1,493,277,696 bytes"));
  CHECK_THAT(text_of(gpt2(), measure::cuda::plan_of(gpt2())), !contains("on the host"));
}

TEST_CASE("the plan's lines name the job and every size") {
  const Job job = gpt2();
  const std::string text = text_of(job, measure::cuda::plan_of(job));
  CHECK_THAT(text, contains("gpt2 at 1024 tokens with flash, recompute full, bf16-mixed, batch 1"));
  CHECK_THAT(text, contains("248,879,616 bytes (237.4 MiB)") && contains("workspace"));
  CHECK_THAT(measure::cuda::text_of({0, "a GPU", "9.0"}, {1_GiB, 2_GiB}),
             contains("device 0: a GPU, compute capability 9.0") && contains("1,073,741,824 bytes"));
}
