#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/combination.h>
#include <headroom/sim/honesty.h>
#include <headroom/sim/max_context.h>
#include <headroom/sim/suggest.h>

#include "catch.h"
#include "random_jobs.h"
#include "sized_jobs.h"

namespace headroom::test {
namespace {

using sim::check_combination;
using sim::Predictor;

Job plain_job() {
  const Method method = method_of(Attention::flash, FeedForward::whole, Head::chunked, Tokens(16));
  return bf16_job(gpt_style(4, 16, 100, 4), method, {RecomputeKind::full, 1});
}

/// The sentence with which a predictor refuses the plain job after `spoil`.
std::string refusal(const std::function<void(Job&)>& spoil) {
  Job job = plain_job();
  spoil(job);
  try {
    Predictor refused(job);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

constexpr sim::Grid kGrid{sim::Grid::Kind::multiples, Tokens(64)};

/// A job on a device that 2004 tokens fill, which up to four ranks share evenly.
Job job_that_is_full(std::uint64_t seed) {
  Job job = random_job(seed);
  job.device = budget_device(Predictor(job).peak(Tokens(2004)).allocated);
  return job;
}

/// Every combination of the axes of a method.
std::vector<Method> all_methods() {
  std::vector<Method> methods;
  for (const auto& attention : values_of<Attention>()) {
    for (const auto& feed_forward : values_of<FeedForward>()) {
      for (const auto& head : values_of<Head>()) {
        for (const auto& key_values : values_of<KeyValues>()) {
          methods.push_back(method_of(attention.value, feed_forward.value, head.value, Tokens(4)));
          methods.back().key_values = key_values.value;
        }
      }
    }
  }
  return methods;
}

}  // namespace

TEST_CASE(
    "of all combinations of axes those are refused that fuse with stored scores or recompute keys without blocks") {
  for (const Method& method : all_methods()) {
    const bool blockwise = method.feed_forward == FeedForward::blockwise;
    const bool senseless = (blockwise && method.attention == Attention::vanilla) ||
                           (!blockwise && method.key_values == KeyValues::recomputed);
    INFO(name_of(method.attention) << ' ' << name_of(method.feed_forward) << ' ' << name_of(method.key_values));
    CHECK((refusal([&method](Job& job) { job.method = method; }) != "accepted") == senseless);
  }
}

TEST_CASE("a structure that is described and not predicted yet is refused by name") {
  const std::pair<std::function<void(Transformer&)>, const char*> rows[] = {
      {[](Transformer& m) { m.kinds[0].residual = Residual::post_norm; }, "have norms behind the residual addition"},
      {[](Transformer& m) { m.final_norm = false; }, "the model has no final norm"},
      {[](Transformer& m) { m.embedding_width = 8; }, "the model's embedding has a width of its own"},
  };
  for (const auto& [change, what] : rows) {
    const std::string sentence = refusal([change = change](Job& job) { change(job.model); });
    CHECK_THAT(sentence, contains(what));
    CHECK_THAT(sentence, contains(", which headroom cannot predict yet"));
  }
}

TEST_CASE("rotating a part of each head takes no memory") {
  Job job = plain_job();
  job.model.positions = Positions::rope;
  const Bytes whole = Predictor(job).peak(Tokens(128)).allocated;
  job.model.kinds[0].rotary_dim = 2;
  CHECK(Predictor(job).peak(Tokens(128)).allocated == whole);
}

TEST_CASE("a senseless combination of axes is refused with the reason and a way out") {
  const std::string fused = refusal([](Job& job) {
    job.method.attention = Attention::vanilla;
    job.method.feed_forward = FeedForward::blockwise;
  });
  CHECK_THAT(fused, contains("blockwise feed-forward"));
  CHECK_THAT(fused, contains("vanilla attention"));
  CHECK_THAT(fused, contains("use flash or memory-efficient attention"));
  const std::string keys = refusal([](Job& job) { job.method.key_values = KeyValues::recomputed; });
  CHECK_THAT(keys, contains("keys and values can be recomputed"));
  CHECK_THAT(keys, contains("bpt"));
}

TEST_CASE("a chunk rule on an axis that does not know it is refused with axis and rule") {
  CHECK_THAT(refusal([](Job& job) { job.method.query_chunk = {ChunkRule::hidden, {}}; }), contains("query chunk"));
  CHECK_THAT(refusal([](Job& job) { job.method.kv_chunk = {ChunkRule::mst_code, {}}; }), contains("'mst-code'"));
  const std::string ffn = refusal([](Job& job) { job.method.ffn_chunk = {ChunkRule::vocab_over_hidden, {}}; });
  CHECK_THAT(ffn, contains("feed-forward chunk"));
  CHECK_THAT(ffn, contains("'vocab-over-hidden'"));
  CHECK(refusal([](Job& job) { job.method.head_chunk = {ChunkRule::vocab_over_hidden, {}}; }) == "accepted");
}

TEST_CASE("a chunk below one token is refused on every axis, used by the method or not") {
  for (Chunk Method::*chunk : {&Method::query_chunk, &Method::kv_chunk, &Method::ffn_chunk, &Method::head_chunk}) {
    for (const std::int64_t tokens : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN}) {
      const std::string sentence = refusal([&](Job& job) { job.method.*chunk = {ChunkRule::tokens, Tokens(tokens)}; });
      CHECK_THAT(sentence, contains("must be at least 1"));
      CHECK_THAT(sentence, contains(std::to_string(tokens)));
    }
  }
}

TEST_CASE("recompute every zero or fewer layers is refused, and of another kind the number is not read") {
  CHECK_THAT(refusal([](Job& job) {
               job.recompute = {RecomputeKind::every, 0};
             }),
             contains("recompute every 0 layers"));
  CHECK_THAT(refusal([](Job& job) { job.recompute = {RecomputeKind::every, -3}; }), contains("at least 1"));
  CHECK(refusal([](Job& job) { job.recompute = {RecomputeKind::full, 0}; }) == "accepted");
}

TEST_CASE("sizes that are zero, negative or beyond 2^40 are refused with the size's name and value") {
  using Set = std::function<void(Job&, std::int64_t)>;
  const std::vector<std::pair<std::string, Set>> sizes{
      {"batch", [](Job& job, std::int64_t n) { job.batch = n; }},
      {"hidden", [](Job& job, std::int64_t n) { job.model.hidden = n; }},
      {"vocab", [](Job& job, std::int64_t n) { job.model.vocab = n; }},
      {"heads", [](Job& job, std::int64_t n) { job.model.kinds[0].heads = n; }},
      {"kv_heads", [](Job& job, std::int64_t n) { job.model.kinds[0].kv_heads = n; }},
      {"head_dim", [](Job& job, std::int64_t n) { job.model.kinds[0].head_dim = n; }},
      {"ffn_hidden", [](Job& job, std::int64_t n) { job.model.kinds[0].ffn_hidden = n; }},
      {"repeat", [](Job& job, std::int64_t n) { job.model.layer_runs[0].repeat = n; }},
  };
  for (const auto& [name, set] : sizes) {
    for (const std::int64_t n :
         {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, (std::int64_t{1} << 40) + 1, INT64_MAX}) {
      const std::string sentence = refusal([&, &assign = set](Job& job) { assign(job, n); });
      CHECK_THAT(sentence, contains(name));
      CHECK_THAT(sentence, contains(std::to_string(n)));
    }
  }
}

TEST_CASE("a model without kinds or layers, or with layers of a kind that is not there, is refused") {
  CHECK_THAT(refusal([](Job& job) { job.model.kinds.clear(); }), contains("kinds"));
  CHECK_THAT(refusal([](Job& job) { job.model.layer_runs.clear(); }), contains("layers"));
  CHECK_THAT(refusal([](Job& job) { job.model.layer_runs[0].period.clear(); }), contains("period"));
  CHECK_THAT(refusal([](Job& job) { job.model.layer_runs[0].period = {1}; }), contains("period"));
}

TEST_CASE("a sequence shorter than one token is refused by every question") {
  using Question = std::function<void(const Predictor&, Tokens)>;
  const std::vector<Question> questions{
      [](const Predictor& p, Tokens s) { static_cast<void>(p.peak(s)); },
      [](const Predictor& p, Tokens s) { static_cast<void>(p.peak_lower_bound_from(s)); },
      [](const Predictor& p, Tokens s) { static_cast<void>(p.peak_without(Category::attention, s)); },
      [](const Predictor& p, Tokens s) { static_cast<void>(p.peak_without_lower_bound_from(Category::attention, s)); },
      [](const Predictor& p, Tokens s) { static_cast<void>(p.breakdown(s)); },
      [](const Predictor& p, Tokens s) { static_cast<void>(p.breakdown_without(Category::attention, s)); },
      [](const Predictor& p, Tokens s) { static_cast<void>(p.explain(s)); },
      [](const Predictor& p, Tokens s) { p.timeline(s, [](const sim::TimelineEvent&) {}); },
      [](const Predictor& p, Tokens s) { static_cast<void>(p.saved_by_layer(s)); },
  };
  const Predictor predictor(plain_job());
  for (const std::int64_t s : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN}) {
    for (const Question& ask : questions) {
      CHECK_THROWS_WITH(ask(predictor, Tokens(s)), contains("the sequence is " + std::to_string(s) + " tokens long"));
    }
  }
}

TEST_CASE("sizes of 2^40 each are reported as too large and never wrap around") {
  static constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  const std::vector<std::function<void(Job&)>> enlarge{
      [](Job& job) { job.model.hidden = job.model.vocab = kHuge; },
      [](Job& job) { job.model.kinds[0].ffn_hidden = job.model.hidden = kHuge; },
      [](Job& job) { job.model.kinds[0].heads = job.model.kinds[0].kv_heads = job.model.kinds[0].head_dim = kHuge; },
      [](Job& job) { job.batch = kHuge, job.seq = Tokens(kHuge); },
      [](Job& job) { job.model.layer_runs[0].repeat = kHuge, job.model.hidden = kHuge; },
      [](Job& job) { job.seq = Tokens(kHuge), job.method.attention = Attention::vanilla; },
      [](Job& job) { job.seq = Tokens(INT64_MAX); },
  };
  for (const auto& change : enlarge) {
    Job job = plain_job();
    job.seq = Tokens(1);
    change(job);
    const auto predict = [&job] { return Predictor(job).peak(job.seq); };
    CHECK_THROWS_AS(predict(), OverflowError);
    CHECK_THROWS_WITH(predict(), contains("more than 2^63-1 bytes"));
  }
}

TEST_CASE("absurd sizes that still fit into 64 bits are predicted, as many layers as they are") {
  Job job = plain_job();
  job.model = gpt_style(1, 1, 1, std::int64_t{1} << 40);
  const Predictor predictor(job);
  CHECK(predictor.peak(Tokens(1)).allocated > Bytes(std::int64_t{1} << 40));
  CHECK(predictor.breakdown(Tokens(1)).allocated == predictor.peak(Tokens(1)).allocated);
}

TEST_CASE("choices that are legal but save nothing are warned of in a sentence each") {
  Job job = plain_job();
  CHECK(Predictor(job).warnings().empty());
  job.recompute = {RecomputeKind::selective, 1};
  REQUIRE(check_combination(job).size() == 1);
  CHECK_THAT(check_combination(job).front(), contains("selective recompute saves nothing"));
  job.recompute = {RecomputeKind::every, 4};
  CHECK(check_combination(job).empty());
  job.recompute = {RecomputeKind::every, 5};
  REQUIRE(Predictor(job).warnings().size() == 1);
  CHECK_THAT(Predictor(job).warnings().front(), contains("the model has 4 layers"));
}

TEST_CASE("every suggestion gets further, mildest consequence first, then furthest first") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Job job = job_that_is_full(seed);
    const Tokens reached = longest_context(Predictor(job), kGrid);
    const std::vector<sim::Suggestion> listed = suggest_changes(job, kGrid, reached);
    INFO(described(seed, job));
    CHECK(std::all_of(listed.begin(), listed.end(), [&](const sim::Suggestion& s) { return s.tokens > reached; }));
    CHECK(std::is_sorted(listed.begin(), listed.end(), [](const sim::Suggestion& a, const sim::Suggestion& b) {
      return a.consequence != b.consequence ? a.consequence < b.consequence : a.tokens > b.tokens;
    }));
  }
}

TEST_CASE("a job with a suggested head or precision gets as far as the suggestion says") {
  int suggestions = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Job job = job_that_is_full(seed);
    for (const sim::Suggestion& s : suggest_changes(job, kGrid, longest_context(Predictor(job), kGrid))) {
      if (s.axis != "head" && s.axis != "precision") continue;
      Job changed = job;
      if (s.axis == "head") changed.method.head = value_of<Head>(s.value, "head");
      if (s.axis == "precision") changed.precision = value_of<Precision>(s.value, "precision");
      CHECK(longest_context(Predictor(changed), kGrid) == s.tokens);
      ++suggestions;
    }
  }
  CHECK(suggestions > 30);
}

TEST_CASE("the assumptions of an answer sum to what is taken from the capacity, and each says where it is from") {
  for (const std::string_view name : device_names()) {
    Job job = plain_job();
    job.device = device_preset(name);
    Bytes sum;
    for (const sim::Assumption& assumption : sim::assumptions(job)) {
      CHECK(!assumption.figure.origin.empty());
      if (assumption.subject != "capacity") sum += assumption.figure.bytes;
    }
    CHECK(sum == Predictor(job).overhead());
  }
  CHECK_THAT(std::string(sim::runtime_note()), contains("headroom's own lean runtime"));
  CHECK(!sim::measured_status(plain_job()).empty());
}

}  // namespace headroom::test
