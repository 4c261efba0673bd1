#include <algorithm>

#include "bench.h"
#include "catch.h"

using namespace headroom;
using headroom::measure::Event;

namespace {

constexpr std::int64_t kB = 2, kS = 128, kH = 8, kF = 40, kV = 50, kHeads = 2, kHeadDim = 4;

/// One layer, multi-head, RMSNorm, not gated, fp32, SGD: few enough tensors to count by hand.
Job countable() {
  Job job = test::llama_job();
  job.model.hidden = kH;
  job.model.vocab = kV;
  job.model.kinds[0] = {};
  job.model.kinds[0].heads = job.model.kinds[0].kv_heads = kHeads;
  job.model.kinds[0].head_dim = kHeadDim;
  job.model.kinds[0].ffn_hidden = kF;
  job.model.layer_runs = {{1, {0}}};
  job.optimizer.kind = OptimizerKind::sgd;
  job.batch = kB;
  job.seq = Tokens(kS);
  for (Chunk* chunk : {&job.method.query_chunk, &job.method.kv_chunk, &job.method.ffn_chunk, &job.method.head_chunk}) {
    chunk->tokens = Tokens(16);
  }
  return job;
}

constexpr std::int64_t kParameters = 2 * kV * kH + 4 * kH * kH + 2 * kH * kF + 3 * kH;

struct Traced {
  measure::Ledger::Peak peak;
  std::vector<Event> events;
};

Traced trace(const Job& job) {
  test::Bench bench;
  measure::Trainer trainer(*bench.backend, bench.memory, job);
  bench.memory.ledger().begin_timeline();
  (void)trainer.step();
  return {bench.memory.ledger().peak(), bench.memory.ledger().timeline()};
}

/// The most tensors that `counts` that live at one time.
template <class Counts>
int most_alive(const std::vector<Event>& events, const Counts& counts) {
  int alive = 0, most = 0;
  for (const Event& event : events) {
    if (!counts(event)) continue;
    alive += event.birth ? 1 : -1;
    most = std::max(most, alive);
  }
  return most;
}

Bytes largest(const std::vector<Event>& events, Category category) {
  Bytes most;
  for (const Event& event : events) {
    if (event.label.category == category) most = std::max(most, event.bytes);
  }
  return most;
}

}  // namespace

TEST_CASE("behind a step nothing lives but what persists, and every step has the same peak") {
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job(), test::experts_job(), test::qwen_job(),
                     test::gpt_neox_job(), test::gpt_j_job());
  job.dropout = GENERATE(false, true);
  job.accumulate = job.dropout;
  job.precision = Precision::bf16_mixed;
  for (const auto& variant : test::variants(job.method)) {
    INFO(variant.name);
    test::Bench bench;
    measure::Ledger& ledger = bench.memory.ledger();
    {
      measure::Trainer trainer(*bench.backend, bench.memory, test::with(job, variant));
      const BytesByCategory persistent = ledger.live_by_category();
      ledger.push();
      (void)trainer.step();
      const Bytes first = ledger.pop().total;
      CHECK(ledger.live_by_category() == persistent);
      ledger.push();
      (void)trainer.step();
      CHECK(ledger.pop().total == first);
      CHECK(ledger.peak().total == first);
    }
    CHECK(ledger.live() == 0_B);
  }
}

TEST_CASE("what persists is parameters, master copies and moments, in their types") {
  Job job = countable();
  const auto [precision, optimizer, states, state_bytes, parameter_bytes] =
      GENERATE(table<Precision, OptimizerKind, StateDType, std::int64_t, std::int64_t>({
          {Precision::fp32, OptimizerKind::sgd, StateDType::fp32, 0, 4},
          {Precision::fp32, OptimizerKind::adamw, StateDType::fp32, 8, 4},
          {Precision::bf16, OptimizerKind::adamw, StateDType::bf16, 4, 2},
          {Precision::bf16, OptimizerKind::adamw, StateDType::fp32, 8, 2},
          {Precision::bf16_mixed, OptimizerKind::sgd, StateDType::fp32, 4, 2},
          {Precision::bf16_mixed, OptimizerKind::adamw, StateDType::fp32, 12, 2},
      }));
  job.precision = precision;
  job.optimizer = {optimizer, states};
  test::Bench bench;
  const measure::Trainer trainer(*bench.backend, bench.memory, job);
  const BytesByCategory& live = bench.memory.ledger().live_by_category();
  CHECK(live[Category::parameters] == Bytes(parameter_bytes * kParameters));
  CHECK(live[Category::optimizer_state] == Bytes(state_bytes * kParameters));
  CHECK(live.total() == Bytes((parameter_bytes + state_bytes) * kParameters));
}

TEST_CASE("vanilla's peak is the birth of the score gradient, and holds what the policy says") {
  const Job job = countable();
  const std::int64_t row = kB * kS, scores = kB * kHeads * kS * kS;
  const std::int64_t gradients = kV * kH + kH + 2 * kF * kH + kH + kH * kH;  // W_head ... W_o
  // x, norm output and statistic, q, k, v, scores, residual gradient, token ids
  const std::int64_t saved = row * kH * 6 + row + scores + row;
  const std::int64_t attention = row * kH * 2 + scores;  // gradients of o and v and of the scores
  const Traced traced = trace(job);
  CHECK(traced.peak.tensor == "gradient of the scores");
  CHECK(traced.peak.instant.name == "layer backward");
  CHECK(traced.peak.categories[Category::gradients] == Bytes(4 * gradients));
  CHECK(traced.peak.categories[Category::saved_activations] == Bytes(4 * saved));
  CHECK(traced.peak.categories[Category::attention] == Bytes(4 * attention));
  CHECK(traced.peak.categories[Category::head_and_loss] == 4_B);
  CHECK(traced.peak.categories[Category::feed_forward] == 0_B);
}

TEST_CASE("vanilla attention has two score-sized tensors at most; with dropout a mask and a dropped copy beside them") {
  Job job = countable();
  job.recompute.kind = RecomputeKind::full;
  const Bytes scores(4 * kB * kHeads * kS * kS);
  CHECK(most_alive(trace(job).events, [&](const Event& e) { return e.bytes == scores; }) == 2);
  job.dropout = true;
  CHECK(most_alive(trace(job).events, [&](const Event& e) { return e.bytes == scores; }) == 2);
  CHECK(most_alive(trace(job).events, [&](const Event& e) { return 4 * e.bytes == scores; }) == 1);
}

TEST_CASE("flash attention has no tensor that grows with the square of the sequence") {
  Job job = countable();
  job.method.attention = Attention::flash;
  const auto is_square = [](const Event& e) { return e.bytes >= Bytes(kB * kS * kS); };
  job.model.kinds[0].ffn_hidden = kH;  // keeps feed-forward tensors below
  job.method.head = Head::fused;
  CHECK(most_alive(trace(job).events, is_square) == 0);
}

TEST_CASE("memory-efficient attention has two fp32 tiles of a query and a key block") {
  Job job = countable();
  job.method.attention = Attention::memory_efficient;
  job.method.kv_chunk.tokens = Tokens(24);
  const Bytes tile(4 * kB * kHeads * 16 * 24);
  const auto is_tile = [](const Event& e) { return e.label.name.find("tile") != std::string_view::npos; };
  CHECK(most_alive(trace(job).events, is_tile) == 2);
  CHECK(most_alive(trace(job).events, [&](const Event& e) { return is_tile(e) && e.bytes > tile; }) == 0);
}

TEST_CASE(
    "a blockwise layer has nothing of attention but sums of dk and dv, and nothing of feed-forward, at full length") {
  Job job = countable();
  job.method.feed_forward = FeedForward::blockwise;
  job.method.attention = Attention::flash;
  job.recompute.kind = RecomputeKind::none;
  const Traced traced = trace(job);
  CHECK(largest(traced.events, Category::feed_forward) == Bytes(4 * kB * 16 * kF));
  const auto spans = [](const Event& e) {
    return e.label.category == Category::attention && e.bytes == Bytes(4 * kB * kS * kH);
  };
  CHECK(most_alive(traced.events, spans) == 2);
}

TEST_CASE("chunked and fused heads never hold more logits than a chunk's") {
  Job job = countable();
  job.method.head = GENERATE(Head::chunked, Head::fused);
  const auto is_logits = [](const Event& e) { return e.label.name == "logits"; };
  const Traced traced = trace(job);
  CHECK(most_alive(traced.events, is_logits) == 1);
  for (const Event& event : traced.events) {
    if (is_logits(event)) CHECK(event.bytes == Bytes(4 * kB * 16 * kV));
  }
}

TEST_CASE(
    "a dense fp32 head in bf16 holds fp32 logits, then a copy in bf16, and the copy alone when gradients are born") {
  Job job = countable();
  job.precision = Precision::bf16;
  const Bytes logits(4 * kB * kS * kV);
  const Traced traced = trace(job);
  const auto is_logits = [&](const Event& e) { return e.bytes == logits || 2 * e.bytes == logits; };
  CHECK(most_alive(traced.events, is_logits) == 2);
  const auto is_gradient = [](const Event& e) { return e.label.category == Category::gradients; };
  const auto first = std::find_if(traced.events.begin(), traced.events.end(), is_gradient);
  Bytes alive;
  for (auto event = traced.events.begin(); event != first; ++event) {
    if (is_logits(*event)) alive += event->birth ? event->bytes : Bytes(0) - event->bytes;
  }
  CHECK(2 * alive == logits);
}

TEST_CASE("every k keeps the inputs of the segments alone, and the output of the last layer") {
  Job job = countable();
  job.model.layer_runs = {{7, {0}}};
  job.recompute = {RecomputeKind::every, 3};
  test::Bench bench;
  class Counter : public measure::Observer {
   public:
    explicit Counter(measure::Ledger& ledger) : ledger_(ledger) {}
    void enters(const measure::Instant& instant) override {
      if (instant.name == "final norm") saved = ledger_.live_by_category()[Category::saved_activations];
    }
    Bytes saved;

   private:
    measure::Ledger& ledger_;
  } counter(bench.memory.ledger());
  measure::Trainer trainer(*bench.backend, bench.memory, job, {}, &counter);
  (void)trainer.step();
  const std::int64_t row = kB * kS;
  CHECK(counter.saved == Bytes(4 * (4 * row * kH + row)));  // layers 0, 3, 6, the output; token ids
}
