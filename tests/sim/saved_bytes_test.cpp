// What a layer's forward keeps for backward, beside what papers count.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/sim/predictor.h>
#include <headroom/sim/published.h>

#include "catch.h"
#include "sized_jobs.h"

namespace headroom::test {
namespace {

using sim::LiveTensor;
using sim::published::Symbols;

struct Size {
  std::int64_t b, s, a, d;

  [[nodiscard]] Symbols symbols() const { return {b, s, a * d, a, 1, 0, 0}; }
};
const std::vector<Size> kSizes{{1, 4, 1, 2}, {1, 2048, 96, 128}, {3, 100, 5, 7}, {2, 1000, 25, 64}};

Job gpt_job(const Size& size, Attention attention, const Recompute& recompute, bool dropout) {
  const Method method = method_of(attention, FeedForward::whole, Head::dense_fp32, Tokens(16));
  Job job = bf16_job(gpt_style(size.a, size.d, 10, 6), method, recompute);
  job.batch = size.b;
  job.seq = Tokens(size.s);
  job.dropout = dropout;
  return job;
}

std::vector<LiveTensor> saved(const Job& job) { return sim::Predictor(job).saved_by_layer(job.seq); }

/// Bytes of the tensors whose names `names` lists, or of all others.
std::int64_t bytes_of(const std::vector<LiveTensor>& tensors, const std::vector<std::string_view>& names, bool listed) {
  std::int64_t sum = 0;
  for (const LiveTensor& t : tensors) {
    if ((std::find(names.begin(), names.end(), t.name) != names.end()) == listed) sum += t.total.count();
  }
  return sum;
}

/// Of LayerNorm, which the papers leave out: mean and inverse deviation of each row in fp32, in front of attention and
/// of the feed-forward.
const std::vector<std::string_view> kStatistics{"attention norm statistics", "feed-forward norm statistics"};

/// Live bytes at the timeline's events of one instant, by tensor name, at that instant's largest one.
std::int64_t live_at_end_of(const Job& job, sim::Instant instant, std::string_view name) {
  std::int64_t live = 0;
  std::int64_t at_instant = 0;
  sim::Predictor(job).timeline(job.seq, [&](const sim::TimelineEvent& event) {
    if (event.name == name) live += event.born ? event.bytes.count() : -event.bytes.count();
    if (event.moment.instant == instant) at_instant = live;
  });
  return at_instant;
}

}  // namespace

TEST_CASE("without recompute and with dropout a vanilla layer keeps sbh(34 + 5as/h) bytes and two norms' statistics") {
  for (const Size& size : kSizes) {
    const std::vector<LiveTensor> tensors = saved(gpt_job(size, Attention::vanilla, {}, true));
    CHECK(bytes_of(tensors, kStatistics, false) == sim::published::korthikanti::layer(size.symbols()).count());
    CHECK(bytes_of(tensors, kStatistics, true) == 16 * size.b * size.s);
  }
}

TEST_CASE("the tensors that a vanilla layer keeps are those that Korthikanti et al. count, by name") {
  const Size size{2, 10, 3, 4};
  const std::vector<LiveTensor> tensors = saved(gpt_job(size, Attention::vanilla, {}, true));
  const std::int64_t sbh = size.s * size.b * size.a * size.d;
  const std::int64_t scores = size.a * size.s * size.s * size.b;
  const auto bytes = [&tensors](std::string_view name) { return bytes_of(tensors, {name}, true); };
  CHECK(bytes("attention norm output") == 2 * sbh);
  CHECK(bytes("q") == 2 * sbh);
  CHECK(bytes("k") == 2 * sbh);
  CHECK(bytes("v") == 2 * sbh);
  CHECK(bytes("attention probabilities") == 2 * scores);
  CHECK(bytes("attention dropout mask") == scores);
  CHECK(bytes("dropped probabilities") == 2 * scores);
  CHECK(bytes("o (attention output)") == 2 * sbh);
  CHECK(bytes("residual dropout mask") == 2 * sbh);  // one byte an element, behind attention and behind feed-forward
  CHECK(bytes("x (layer input)") == 2 * sbh);
  CHECK(bytes("r (input + attention)") == 2 * sbh);
  CHECK(bytes("feed-forward norm output") == 2 * sbh);
  CHECK(bytes("up") == 8 * sbh);
  CHECK(bytes("activation output") == 8 * sbh);
  CHECK(bytes_of(tensors, kStatistics, true) == 16 * size.b * size.s);
  CHECK(tensors.size() == 16);
}

TEST_CASE("selective recompute of a vanilla layer keeps 34sbh bytes and two norms' statistics") {
  for (const Size& size : kSizes) {
    const std::vector<LiveTensor> tensors =
        saved(gpt_job(size, Attention::vanilla, {RecomputeKind::selective, 1}, true));
    CHECK(bytes_of(tensors, kStatistics, false) ==
          sim::published::korthikanti::layer_selective(size.symbols()).count());
    CHECK(bytes_of(tensors, kStatistics, true) == 16 * size.b * size.s);
  }
}

TEST_CASE(
    "on t tensor ranks a vanilla layer keeps sbh(10 + 24/t + 5as/(ht)) bytes, and sbh(34 + 5as/h)/t under "
    "Megatron-SP") {
  namespace korthikanti = sim::published::korthikanti;
  for (const std::int64_t t : {2, 4, 8}) {
    const Size size{2, 64, 16, 8};
    Symbols x = size.symbols();
    x.t = t;
    for (const RecomputeKind recompute : {RecomputeKind::none, RecomputeKind::selective}) {
      Job job = gpt_job(size, Attention::vanilla, {recompute, 1}, true);
      job.degrees.tensor = t;
      const bool selective = recompute == RecomputeKind::selective;
      CHECK(Rational(bytes_of(saved(job), kStatistics, false)) ==
            (selective ? korthikanti::layer_tensor_selective(x) : korthikanti::layer_tensor(x)));
      job.method.sequence = SequenceDistribution::megatron_sp;
      CHECK(Rational(bytes_of(saved(job), kStatistics, false)) ==
            (selective ? korthikanti::layer_tensor_sequence_selective(x) : korthikanti::layer_tensor_sequence(x)));
      CHECK(bytes_of(saved(job), kStatistics, true) == 16 * size.b * size.s / t);
    }
  }
}

/// Layers of which the stage with the highest peak keeps something for backward then.
std::int64_t layers_in_flight(const Job& job) {
  for (const LiveTensor& t : sim::Predictor(job).explain(job.seq).tensors) {
    if (t.name == "q") return t.count;
  }
  return 0;
}

TEST_CASE(
    "the first stage keeps what L layers keep whatever p is, and 1 + (p-1)/(pm) times that where it interleaves") {
  for (const std::int64_t p : {1, 2, 4, 8}) {
    for (const std::int64_t m : {1, 3}) {
      if (p == 1 && m > 1) continue;
      const Size size{1, 64, 16, 8};
      Job job = gpt_job(size, Attention::vanilla, {}, true);
      job.model.layer_runs = {{48, {0}}};
      job.degrees.pipeline = p;
      job.model_chunks = m;
      job.micro_batches = 4 * p;
      Symbols x = size.symbols();
      x.L = 48;
      x.p = p;
      x.m = m;
      INFO(p << " stages of " << m << " chunks");
      const Rational more = m == 1 ? Rational(1) : sim::published::korthikanti::interleaving(x);
      CHECK(Rational(layers_in_flight(job)) == Rational(48) * more);
      const sim::Peak peak = sim::Predictor(job).peak(job.seq);
      CHECK(peak.moment.stage == (p == 1 ? sim::Moment::kNoStage : 0));
    }
  }
}

TEST_CASE("a stage has no more micro-batches in flight than the step has") {
  Job job = gpt_job({1, 64, 16, 8}, Attention::vanilla, {}, true);
  job.model.layer_runs = {{48, {0}}};
  job.degrees.pipeline = 8;
  for (const std::int64_t n : {1, 3, 8, 100}) {
    job.micro_batches = n;
    CHECK(layers_in_flight(job) == 6 * std::min<std::int64_t>(n, 8));
  }
}

TEST_CASE("on one tensor rank Megatron-SP tells the step that flash attention tells, event by event") {
  Job job = gpt_job({2, 64, 16, 8}, Attention::flash, {RecomputeKind::full, 1}, true);
  const auto told = [](const Job& of) {
    std::vector<std::string> events;
    sim::Predictor(of).timeline(of.seq, [&](const sim::TimelineEvent& event) {
      events.push_back(std::string(event.name) + (event.born ? " born, " : " dies, ") +
                       std::to_string(event.live.count()));
    });
    return events;
  };
  const std::vector<std::string> alone = told(job);
  job.method.sequence = SequenceDistribution::megatron_sp;
  CHECK(told(job) == alone);
}

TEST_CASE("without dropout a flash layer keeps 16bsh elements, the logsumexp and two norms' statistics") {
  for (const Size& size : kSizes) {  // 16bsh: MEMO, arXiv 2407.12117
    const std::vector<LiveTensor> tensors = saved(gpt_job(size, Attention::flash, {}, false));
    std::vector<std::string_view> uncounted = kStatistics;
    uncounted.emplace_back("logsumexp");
    CHECK(bytes_of(tensors, uncounted, false) == 32 * size.b * size.s * size.a * size.d);
    CHECK(bytes_of(tensors, {"logsumexp"}, true) == 4 * size.b * size.a * size.s);
    CHECK(bytes_of(tensors, kStatistics, true) == 16 * size.b * size.s);
  }
}

TEST_CASE("a memory-efficient layer keeps what a flash layer keeps without the logsumexp") {
  for (const Size& size : kSizes) {
    const std::vector<LiveTensor> tensors = saved(gpt_job(size, Attention::memory_efficient, {}, false));
    CHECK(bytes_of(tensors, kStatistics, false) == 32 * size.b * size.s * size.a * size.d);
  }
}

TEST_CASE("a Llama layer with flash attention keeps 4h + 2ad + 2kd + 3f elements a token, logsumexp and statistics") {
  LayerKind kind;
  kind.heads = 32;
  kind.kv_heads = 8;
  kind.head_dim = 96;  // a * d is not h
  kind.ffn_hidden = 14336;
  kind.activation = Activation::swiglu;
  const Method method = method_of(Attention::flash, FeedForward::whole, Head::dense_fp32, Tokens(16));
  Job job = bf16_job(equal_layers(4096, 128256, 32, kind), method, {});
  job.batch = 2;
  job.seq = Tokens(777);
  // x, r, two norms; q, o; k, v; gate, up, product
  const std::int64_t elements =
      std::int64_t{4} * 4096 + std::int64_t{2} * 32 * 96 + std::int64_t{2} * 8 * 96 + std::int64_t{3} * 14336;
  const std::int64_t logsumexp = 128;  // 4a
  const std::int64_t statistics = 8;   // RMSNorm: one fp32 number a row
  CHECK(bytes_of(saved(job), {}, false) == std::int64_t{1554} * (2 * elements + logsumexp + statistics));
}

TEST_CASE("a chunked feed-forward keeps nothing of its own and a blockwise layer only x, k and v") {
  const Size size{2, 64, 3, 8};
  const std::int64_t bsh = size.b * size.s * size.a * size.d;
  Job job = gpt_job(size, Attention::flash, {}, false);
  job.method.feed_forward = FeedForward::chunked;
  CHECK(bytes_of(saved(job), {"attention norm statistics", "logsumexp"}, false) == 14 * bsh);  // x, norm, q, k, v, o, r
  job.method.feed_forward = FeedForward::blockwise;
  CHECK(bytes_of(saved(job), {}, false) == 6 * bsh);
  job.method.key_values = KeyValues::recomputed;
  CHECK(bytes_of(saved(job), {}, false) == 2 * bsh);
}

TEST_CASE("full recompute keeps 2sbh bytes a layer, whatever the attention") {
  for (const auto& attention : values_of<Attention>()) {
    for (const Size& size : kSizes) {
      const std::vector<LiveTensor> tensors = saved(gpt_job(size, attention.value, {RecomputeKind::full, 1}, true));
      CHECK(bytes_of(tensors, {"x (layer input)"}, true) ==
            sim::published::korthikanti::layer_full_recompute(size.symbols()).count());
      CHECK(tensors.size() == 1);
    }
  }
}

TEST_CASE("recompute every k layers keeps one layer input every k layers, and the last layer's output until the head") {
  for (const std::int64_t k : {1, 2, 3, 4, 5, 6, 7, 100}) {
    const Size size{2, 50, 2, 8};
    const Job job = gpt_job(size, Attention::flash, {RecomputeKind::every, k}, false);  // 6 layers
    const std::int64_t checkpoints = (6 + std::min<std::int64_t>(k, 6) - 1) / std::min<std::int64_t>(k, 6);
    const std::int64_t inputs = live_at_end_of(job, sim::Instant::head_forward, "x (layer input)");
    CHECK(inputs == (checkpoints + 1) * 2 * size.b * size.s * size.a * size.d);
  }
}

TEST_CASE("outside the layers the embedding mask, the final norm and fp32 logits are what Korthikanti et al. count") {
  for (Size size : kSizes) {
    const Job job = gpt_job(size, Attention::vanilla, {}, true);
    Symbols symbols = size.symbols();
    symbols.L = 6;
    symbols.v = 10;
    const auto at_loss = [&](std::string_view name) { return live_at_end_of(job, sim::Instant::head_forward, name); };
    const std::int64_t sbh = symbols.s * symbols.b * symbols.h;
    CHECK(at_loss("embedding dropout mask") + at_loss("final norm output") + at_loss("logits") + 2 * sbh ==
          sim::published::korthikanti::outside_layers(symbols).count());
    CHECK(at_loss("x (layer input)") == 14 * sbh);  // six layers' inputs, and the final norm's
  }
}

}  // namespace headroom::test
