// What lives on the device and on the host under FPDT on one rank, worked out from docs/runtime.md section 10.1 by
// hand:
// "+name bytes category" is a birth, "-name" a death.

#include <algorithm>

#include <fmt/format.h>

#include "bench.h"
#include "catch.h"

using namespace headroom;
using headroom::measure::Event;

namespace {

using Events = std::vector<std::string>;

/// One layer; 5 tokens in chunks of 2, 2 and 1, 4 wide; 2 query heads and 1 key head of 2; 3 wide feed-forward; bf16.
Job tiny() {
  Job job = test::tiny_job(1, 3);
  job.method.sequence = SequenceDistribution::fpdt;
  job.method.attention = Attention::flash;
  job.method.query_chunk.tokens = Tokens(2);
  job.precision = Precision::bf16;
  job.optimizer.kind = OptimizerKind::sgd;
  job.batch = 1;
  job.seq = Tokens(5);
  return job;
}

std::string told(const Event& event) {
  if (!event.birth) return fmt::format("-{}", event.label.name);
  const bool is_saved = event.label.category == Category::saved_activations;
  return fmt::format("+{} {} {}", event.label.name, event.bytes.count(),
                     is_saved ? "saved" : name_of(event.label.category));
}

/// One step of both memories.
struct Traced {
  std::vector<Event> device;
  std::vector<Event> host;
};

Traced trace(const Job& job) {
  test::Bench bench;
  measure::Trainer trainer(*bench.backend, bench.memory, job, {}, nullptr, measure::alone(), bench.host_side());
  bench.memory.ledger().begin_timeline();
  bench.host.ledger().begin_timeline();
  (void)trainer.step();
  CHECK(bench.host.ledger().live() == 0_B);
  return {bench.memory.ledger().timeline(), bench.host.ledger().timeline()};
}

Events at(const std::vector<Event>& events, std::string_view instant) {
  Events some;
  for (const Event& event : events) {
    if (event.instant.name == instant) some.push_back(told(event));
  }
  return some;
}

/// Up to and with the event `last`.
Events up_to(const Events& events, const std::string& last) {
  const auto end = std::find(events.begin(), events.end(), last);
  REQUIRE(end != events.end());
  return {events.begin(), end + 1};
}

/// From the event `first` on.
Events from(const Events& events, const std::string& first) {
  return {std::find(events.begin(), events.end(), first), events.end()};
}

template <class... More>
Events joined(Events events, const More&... more) {
  (events.insert(events.end(), more.begin(), more.end()), ...);
  return events;
}

/// From the norm to the running statistics of a chunk of 2 tokens, or of 1.
const Events kBegins2 = {"+attention norm output 16 attention",
                         "+q 16 attention",
                         "+k 8 attention",
                         "+v 8 attention",
                         "-attention norm output",
                         "+running row maximum 16 attention",
                         "+running row sum 16 attention",
                         "+accumulator of o 32 attention"};
const Events kBegins1 = {"+attention norm output 8 attention",
                         "+q 8 attention",
                         "+k 4 attention",
                         "+v 4 attention",
                         "-attention norm output",
                         "+running row maximum 8 attention",
                         "+running row sum 8 attention",
                         "+accumulator of o 16 attention"};
const Events kFetched = {"+fetched k 8 attention", "+fetched v 8 attention"};
const Events kFetchedDie = {"-fetched k", "-fetched v"};
const Events kOwnDie = {"-k", "-v", "-q"};
const Events kEnds = {"-accumulator of o", "-running row sum", "-running row maximum"};

}  // namespace

TEST_CASE("FPDT's forward holds a chunk, fetches earlier keys one ahead, and leaves r alone on the device") {
  const Traced traced = trace(tiny());
  const Events expected = joined(
      kBegins2, kOwnDie, Events{"+o 16 attention"}, kEnds, Events{"+r 40 saved", "-o"},          //
      kBegins2, kFetched, kFetchedDie, kOwnDie, Events{"+o 16 attention"}, kEnds, Events{"-o"},  //
      kBegins1, kFetched, kFetched, kFetchedDie, kFetchedDie, kOwnDie, Events{"+o 8 attention"}, kEnds, Events{"-o"});
  const Events forward = at(traced.device, "layer forward");
  REQUIRE(forward.size() > expected.size());
  const auto count = static_cast<std::ptrdiff_t>(expected.size());
  CHECK(Events(forward.begin(), forward.begin() + count) == expected);
  CHECK(forward.at(expected.size()) == "+feed-forward norm output 40 saved");
  const Events of_2 = {"+copy of k 8 saved", "+copy of v 8 saved", "+copy of q 16 saved",
                       "+copy of the logsumexp 16 saved", "+copy of o 16 saved"};
  const Events of_1 = {"+copy of k 4 saved", "+copy of v 4 saved", "+copy of q 8 saved",
                       "+copy of the logsumexp 8 saved", "+copy of o 8 saved"};
  CHECK(at(traced.host, "layer forward") == joined(of_2, of_2, of_1));
}

TEST_CASE("where FPDT's pass discards, the host has the keys of all chunks but the last, until the last is done") {
  Job job = tiny();
  job.recompute = {RecomputeKind::full, 1};
  const Traced traced = trace(job);
  const Events keys = {"+copy of k 8 attention", "+copy of v 8 attention"}, die = {"-copy of k", "-copy of v"};
  CHECK(at(traced.host, "layer forward") == joined(keys, keys, die, die));
  CHECK(at(traced.host, "layer recompute").front() == "+copy of k 8 attention");
  CHECK(at(traced.host, "layer recompute").size() == 15);
  CHECK(up_to(at(traced.device, "layer recompute"), "-o") ==
        joined(kBegins2, kOwnDie, Events{"+o 16 attention"}, kEnds, Events{"+r 40 saved", "-o"}));
}

TEST_CASE("FPDT's backward takes the outputs chunk by chunk, then the keys with two query chunks at a time") {
  const Traced traced = trace(tiny());
  const Events outputs = {"+fetched o 16 attention",
                          "+W_o 32 gradients",
                          "+gradient of o 16 attention",
                          "+D 16 attention",
                          "-fetched o",
                          "-gradient of o",
                          "-D",
                          "+fetched o 16 attention",
                          "+gradient of o 16 attention",
                          "+D 16 attention",
                          "-fetched o",
                          "-gradient of o",
                          "-D",
                          "+fetched o 8 attention",
                          "+gradient of o 8 attention",
                          "+D 8 attention",
                          "-fetched o",
                          "-gradient of o",
                          "-D"};
  const Events sums = {"+accumulator of dk 16 attention", "+accumulator of dv 16 attention"};
  const Events queries_2 = {"+fetched q 16 attention", "+fetched gradient of o 16 attention",
                            "+fetched logsumexp 16 attention", "+fetched D 16 attention",
                            "+accumulator of dq 32 attention"};
  const Events queries_1 = {"+fetched q 8 attention", "+fetched gradient of o 8 attention",
                            "+fetched logsumexp 8 attention", "+fetched D 8 attention",
                            "+accumulator of dq 16 attention"};
  const Events queries_die = {"-fetched q", "-fetched gradient of o", "-fetched logsumexp", "-fetched D"};
  const Events put_back = {"-accumulator of dq"};
  const Events rounded_2 = {"+dq 16 attention",
                            "-accumulator of dq",
                            "+dk 8 attention",
                            "-accumulator of dk",
                            "+dv 8 attention",
                            "-accumulator of dv",
                            "+attention norm output 16 attention",
                            "+attention norm statistics 8 attention"};
  const Events rounded_1 = {"+dq 8 attention",
                            "-accumulator of dq",
                            "+dk 4 attention",
                            "-accumulator of dk",
                            "+dv 4 attention",
                            "-accumulator of dv",
                            "+attention norm output 8 attention",
                            "+attention norm statistics 4 attention"};
  const Events weights = {"+W_q 32 gradients", "+W_k 16 gradients", "+W_v 16 gradients"};
  const auto inputs = [](int bytes) {
    return Events{"-attention norm output", fmt::format("+gradient of the attention norm output {} attention", bytes),
                  "-dq", "-dk", "-dv"};
  };
  const Events gain = {"+attention norm gain 8 gradients"};
  const Events ends = {"-attention norm statistics", "-gradient of the attention norm output"};
  const Events first = joined(kFetched, sums, queries_2, queries_2, queries_die, queries_1, queries_die, put_back,
                              queries_die, put_back, kFetchedDie, rounded_2, weights, inputs(16), gain, ends);
  const Events second = joined(kFetched, sums, queries_2, queries_1, queries_die, queries_die, put_back, kFetchedDie,
                               rounded_2, inputs(16), ends);
  const Events third = joined(Events{"+fetched k 4 attention", "+fetched v 4 attention",
                                     "+accumulator of dk 8 attention", "+accumulator of dv 8 attention"},
                              queries_1, queries_die, kFetchedDie, rounded_1, inputs(8), ends, Events{"-x"});
  CHECK(from(at(traced.device, "layer backward"), "+fetched o 16 attention") == joined(outputs, first, second, third));
}

TEST_CASE("FPDT's copies on the host die where they are read for the last time") {
  const Traced traced = trace(tiny());
  const auto output = [](int bytes, int of_d) {
    return Events{"-copy of o", fmt::format("+copy of the gradient of o {} attention", bytes),
                  fmt::format("+copy of D {} attention", of_d)};
  };
  const Events own = {"-copy of k", "-copy of v", "-copy of q", "-copy of the gradient of o", "-copy of the logsumexp",
                      "-copy of D"};
  const Events sum = {"-copy of the accumulator of dq"};
  CHECK(at(traced.host, "layer backward") ==
        joined(output(16, 16), output(16, 16), output(8, 8), own,
               Events{"+copy of the accumulator of dq 32 attention", "+copy of the accumulator of dq 16 attention"},
               own, sum, own, sum));
}

TEST_CASE("in fp32 FPDT's sums are the gradients, and o sums up in itself") {
  Job job = tiny();
  job.precision = Precision::fp32;
  job.seq = Tokens(2);
  const Traced traced = trace(job);
  CHECK(up_to(at(traced.device, "layer forward"), "-running row maximum") ==
        Events{"+attention norm output 32 attention", "+q 32 attention", "+k 16 attention", "+v 16 attention",
               "-attention norm output", "+running row maximum 16 attention", "+running row sum 16 attention",
               "+o 32 attention", "-k", "-v", "-q", "-running row sum", "-running row maximum"});
  CHECK(up_to(from(at(traced.device, "layer backward"), "+fetched k 16 attention"), "+W_q 64 gradients") ==
        Events{"+fetched k 16 attention", "+fetched v 16 attention", "+accumulator of dk 16 attention",
               "+accumulator of dv 16 attention", "+fetched q 32 attention", "+fetched gradient of o 32 attention",
               "+fetched logsumexp 16 attention", "+fetched D 16 attention", "+accumulator of dq 32 attention",
               "-fetched q", "-fetched gradient of o", "-fetched logsumexp", "-fetched D", "-fetched k", "-fetched v",
               "+attention norm output 32 attention", "+attention norm statistics 8 attention", "+W_q 64 gradients"});
}

TEST_CASE("dropout and post-norms of FPDT's attention branch are the chunk's, and nothing of them is kept") {
  Job job = tiny();
  job.dropout = true;
  job.model.kinds[0].post_norms = true;
  const Traced traced = trace(job);
  const Events forward = at(traced.device, "layer forward");
  CHECK(up_to(from(forward, "+o 16 attention"), "-attention product") ==
        joined(Events{"+o 16 attention"}, kEnds,
               Events{"+attention product 16 attention", "-o", "+r 40 saved", "-attention product"}));
  CHECK(std::count(forward.begin(), forward.end(), "+attention dropout mask 8 attention") == 0);
  CHECK(up_to(from(at(traced.device, "layer backward"), "+fetched o 16 attention"), "-D") ==
        Events{"+fetched o 16 attention", "+attention product 16 attention", "+attention dropout mask 8 attention",
               "+attention post-norm statistics 8 attention", "+gradient of the attention branch 16 attention",
               "+attention post-norm gain 8 gradients", "-attention product", "-attention post-norm statistics",
               "-attention dropout mask", "+W_o 32 gradients", "+gradient of o 16 attention",
               "-gradient of the attention branch", "+D 16 attention", "-fetched o", "-gradient of o", "-D"});
}

TEST_CASE("however many chunks there are, at most two key chunks and two query chunks are fetched at a time") {
  Job job = tiny();
  job.seq = Tokens(17);
  job.model.layer_runs = {{2, {0}}};
  job.recompute = GENERATE(Recompute{RecomputeKind::none, 1}, Recompute{RecomputeKind::every, 2});
  int alive = 0, most = 0, queries = 0, most_queries = 0;
  for (const Event& event : trace(job).device) {
    const int change = event.birth ? 1 : -1;
    if (event.label.name == "fetched k" || event.label.name == "fetched v") most = std::max(most, alive += change);
    if (event.label.name == "fetched q") most_queries = std::max(most_queries, queries += change);
  }
  CHECK(most == 4);
  CHECK(most_queries == 2);
}
