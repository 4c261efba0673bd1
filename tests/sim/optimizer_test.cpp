// What optimizers keep of each parameter, against sizes counted by hand and papers' bytes, and updates in backward.

#include <algorithm>

#include <headroom/models/error.h>
#include <headroom/sim/combination.h>
#include <headroom/sim/predictor.h>

#include "catch.h"
#include "random_jobs.h"
#include "sized_jobs.h"

namespace headroom::test {
namespace {

using sim::Predictor;
using sim::TimelineEvent;

constexpr std::int64_t kVocab = 100;
constexpr std::int64_t kLayers = 3;
constexpr std::int64_t kHidden = 64;
constexpr std::int64_t kFfn = 256;

/// In bf16, untied, with RMSNorm and without biases: matrices and gains alone.
Job plain_job() {
  Job job = bf16_job(gpt_style(4, 16, kVocab, kLayers),
                     method_of(Attention::flash, FeedForward::whole, Head::fused, Tokens(4)), {RecomputeKind::full, 1});
  job.model.norm = Norm::rmsnorm;
  job.model.positions = Positions::rope;
  job.model.tied_embeddings = false;
  LayerKind& kind = job.model.kinds.front();
  kind.qkv_bias = kind.out_bias = kind.ffn_bias = false;
  kind.activation = Activation::gelu;
  return job;
}

struct Matrix {
  std::int64_t rows, columns;
};
struct Shapes {
  Matrix table;
  std::vector<Matrix> matrices;  ///< of products
  std::vector<std::int64_t> gains;
};

Shapes shapes_of_plain_job() {
  Shapes shapes{{kVocab, kHidden}, {{kHidden, kVocab}}, {kHidden}};
  for (std::int64_t i = 0; i < kLayers; ++i) {
    for (int product = 0; product < 4; ++product) shapes.matrices.push_back({kHidden, kHidden});
    shapes.matrices.insert(shapes.matrices.end(), {{kHidden, kFfn}, {kFfn, kHidden}});
    shapes.gains.insert(shapes.gains.end(), {kHidden, kHidden});
  }
  return shapes;
}

/// The sum of bytes(elements) over all parameters but the embedding.
template <class BytesOf>
std::int64_t but_for_the_table(BytesOf bytes) {
  const Shapes shapes = shapes_of_plain_job();
  std::int64_t sum = 0;
  for (const Matrix& m : shapes.matrices) sum += bytes(m.rows * m.columns);
  for (const std::int64_t gain : shapes.gains) sum += bytes(gain);
  return sum;
}

Bytes states_of(const Job& job) { return Predictor(job).breakdown(Tokens(40)).categories[Category::optimizer_state]; }

/// The most that a step has of one category.
Bytes most_of(const Job& job, Category category) {
  Bytes live, most;
  Predictor(job).timeline(Tokens(40), [&](const TimelineEvent& event) {
    if (event.category != category) return;
    live += event.born ? event.bytes : Bytes() - event.bytes;
    most = std::max(most, live);
  });
  return most;
}

}  // namespace

TEST_CASE("the shapes that are counted by hand are those of all parameters") {
  const std::int64_t table = kVocab * kHidden;
  CHECK(table + but_for_the_table([](std::int64_t n) { return n; }) == parameter_count(plain_job().model));
}

TEST_CASE(
    "8-bit AdamW keeps two bytes an element and eight for every 256, and fp32 moments of short ones and of the "
    "embedding") {
  Job job = plain_job();
  job.optimizer = {.kind = OptimizerKind::adamw, .states = StateDType::int8};
  const auto bytes = [](std::int64_t n) { return n < 4096 ? 8 * n : 2 * n + 8 * ((n + 255) / 256); };
  CHECK(states_of(job) == Bytes(8 * kVocab * kHidden + but_for_the_table(bytes)));
}

TEST_CASE("shards have 8-bit moments with scales of their own") {
  Job job = plain_job();
  job.optimizer = {.kind = OptimizerKind::adamw, .states = StateDType::int8};
  job.degrees.data = 3;
  job.method.sharding = StateSharding::zero1;
  const auto bytes = [](std::int64_t n) {
    const std::int64_t shard = (n + 2) / 3;
    return shard < 4096 ? 8 * shard : 2 * shard + 8 * ((shard + 255) / 256);
  };
  const std::int64_t table = (kVocab * kHidden + 2) / 3;
  CHECK(states_of(job) == Bytes(8 * table + but_for_the_table(bytes)));
}

TEST_CASE(
    "factored Adafactor keeps a row and a column of each matrix, un-factored all of it, with or without momentum") {
  Job job = plain_job();
  job.optimizer = {.kind = OptimizerKind::adafactor};
  std::int64_t averages = 0;
  const Shapes shapes = shapes_of_plain_job();
  averages += shapes.table.rows + shapes.table.columns;
  for (const Matrix& m : shapes.matrices) averages += m.rows + m.columns;
  for (const std::int64_t gain : shapes.gains) averages += gain;
  CHECK(states_of(job) == Bytes(4 * averages));
  const std::int64_t count = parameter_count(job.model);
  job.optimizer.momentum = Momentum::bf16;
  CHECK(states_of(job) == Bytes(4 * averages + 2 * count));
  job.optimizer.factored = false;
  CHECK(states_of(job) == Bytes(6 * count));
}

TEST_CASE("fp32 training with un-factored Adafactor and bf16 momentum takes 14 bytes a parameter") {
  Job job = plain_job();
  job.precision = Precision::fp32;
  job.accumulate = true;  // gradients held for the whole step
  job.optimizer = {.kind = OptimizerKind::adafactor, .momentum = Momentum::bf16, .factored = false};
  const BytesByCategory held = Predictor(job).breakdown(Tokens(40)).categories;
  const Bytes of_model = held[Category::parameters] + held[Category::gradients] + held[Category::optimizer_state];
  CHECK(of_model == Bytes(14 * parameter_count(job.model)));
}

TEST_CASE("SGD keeps a momentum of its own type, and nothing without one") {
  Job job = plain_job();
  const std::int64_t count = parameter_count(job.model);
  CHECK(states_of(job) == 0_B);
  job.optimizer.momentum = Momentum::bf16;
  CHECK(states_of(job) == Bytes(2 * count));
  job.optimizer.momentum = Momentum::fp32;
  job.precision = Precision::bf16_mixed;
  CHECK(states_of(job) == Bytes(8 * count));
}

TEST_CASE("with updates in backward no more gradients live than those of one unit") {
  Job job = plain_job();
  job.optimizer = {.kind = OptimizerKind::adamw, .in_backward = true};
  const std::int64_t layer = 4 * kHidden * kHidden + 2 * kHidden * kFfn + 2 * kHidden;
  const std::int64_t head = kVocab * kHidden + kHidden;
  CHECK(most_of(job, Category::gradients) == Bytes(2 * std::max(layer, head)));
  job.optimizer.in_backward = false;
  CHECK(most_of(job, Category::gradients) == Bytes(2 * parameter_count(job.model)));
}

TEST_CASE("a tied table is updated with the embedding, so that its gradient lives from the head on") {
  Job job = plain_job();
  job.model.tied_embeddings = true;
  job.optimizer.in_backward = true;
  const std::int64_t layer = 4 * kHidden * kHidden + 2 * kHidden * kFfn + 2 * kHidden;
  CHECK(most_of(job, Category::gradients) == Bytes(2 * (layer + kVocab * kHidden)));
}

TEST_CASE("updates in backward go with offload and sharding, and never need more than an optimizer step") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Job job = random_job(seed);
    job.accumulate = false;
    job.optimizer.in_backward = false;
    if (job.degrees.pipeline > 1) continue;
    const Predictor at_end(job);
    job.optimizer.in_backward = true;
    const Predictor in_backward(job);
    INFO(described(seed, job));
    CHECK(in_backward.peak(job.seq).allocated <= at_end.peak(job.seq).allocated);
    CHECK(in_backward.host_peak(job.seq) >= at_end.host_peak(job.seq));  // beside checkpoints that are left
  }
}

TEST_CASE("optimizers that do not go with the rest of a job are refused in a sentence") {
  Job job = plain_job();
  job.optimizer.in_backward = true;
  job.accumulate = true;
  CHECK_THROWS_WITH(sim::check_combination(job), contains("nothing to accumulate"));
  job.accumulate = false;
  job.degrees.pipeline = 3;
  CHECK_THROWS_WITH(sim::check_combination(job), contains("micro-batches of a pipeline"));
  job = plain_job();
  job.optimizer = {.kind = OptimizerKind::adafactor};
  job.degrees.tensor = 2;
  CHECK_THROWS_WITH(sim::check_combination(job), contains("factored false"));
  job.degrees = {.data = 2};
  job.method.sharding = StateSharding::zero2;
  CHECK_THROWS_WITH(sim::check_combination(job), contains("factored false"));
  job.optimizer.factored = false;
  CHECK_NOTHROW(sim::check_combination(job));
}

}  // namespace headroom::test
