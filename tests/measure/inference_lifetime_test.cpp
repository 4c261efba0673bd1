// What lives in inference, worked out from docs/runtime.md section 13 by hand: "+name bytes category" is a birth,
// "-name" a death.

#include <algorithm>

#include <fmt/format.h>

#include <headroom/measure/generator.h>

#include "bench.h"
#include "catch.h"

using namespace headroom;
using headroom::measure::Event;

namespace {

using Events = std::vector<std::string>;

/// One layer, 4 wide; 2 query heads and 1 key head of 2; 3 wide feed-forward; 5 words; bf16; one prompt of 5 tokens,
/// read in chunks of 3.
Job tiny() {
  Job job = test::tiny_job(1, 3);
  job.mode = Mode::inference;
  job.method.attention = Attention::flash;
  for (Chunk* chunk : {&job.method.query_chunk, &job.method.kv_chunk, &job.method.ffn_chunk}) {
    chunk->tokens = Tokens(2);
  }
  job.inference.prefill_chunk = {ChunkRule::tokens, Tokens(3)};
  job.precision = Precision::bf16_mixed;
  job.batch = 1;
  job.seq = Tokens(5);
  return job;
}

Job with_window(std::int64_t tokens) {
  Job job = tiny();
  job.model.kinds[0].window = tokens;
  return job;
}

/// With latents 5 (queries) and 7 wide; heads of 6, of which 2 are rotated, with values of 3.
Job with_latents() {
  Job job = tiny();
  job.model.kinds[0].kv_heads = 2;
  job.model.kinds[0].head_dim = 6;
  job.model.kinds[0].latent = LatentAttention{5, 7, 2, 3};
  return job;
}

std::string told(const Event& event) {
  if (!event.birth) return fmt::format("-{}", event.label.name);
  const bool is_saved = event.label.category == Category::saved_activations;
  return fmt::format("+{} {} {}", event.label.name, event.bytes.count(),
                     is_saved ? "saved" : name_of(event.label.category));
}

/// The events of each pass.
struct Told {
  std::vector<Events> passes;

  explicit Told(const Job& job) {
    test::Bench bench;
    measure::Generator generator(*bench.backend, bench.memory, job);
    bench.memory.ledger().begin_timeline();
    generator.run();
    for (const Event& event : bench.memory.ledger().timeline()) {
      if (event.birth && event.label.name == "token ids") passes.emplace_back();
      passes.back().push_back(told(event));
    }
  }
};

/// What lives of a category when everything persistent is born.
Bytes persistent(const Job& job, Category category) {
  test::Bench bench;
  const measure::Generator generator(*bench.backend, bench.memory, job);
  return bench.memory.ledger().live_by_category()[category];
}

/// From the first `first` to the first `last` behind it.
Events between(const Events& events, const std::string& first, const std::string& last) {
  const auto begin = std::find(events.begin(), events.end(), first);
  const auto end = std::find(begin, events.end(), last);
  REQUIRE(end != events.end());
  return {begin, end + 1};
}

}  // namespace

TEST_CASE("parameters in compute dtype persist, and a cache of keys and values of every layer, with nothing else") {
  Job job = tiny();
  job.batch = 3;
  // Embedding and head 5 x 4 each; norms of 4, three of them; W_q, W_o 4 x 4; W_k, W_v 4 x 2; W_up, W_down 4 x 3.
  CHECK(persistent(job, Category::parameters) == Bytes(2 * (40 + 12 + 32 + 16 + 24)));
  CHECK(persistent(job, Category::kv_cache) == Bytes(2 * 3 * 5 * 2 * 2));
  CHECK(persistent(job, Category::optimizer_state) == Bytes(0));
  job.inference.cache = CacheType::fp32;
  CHECK(persistent(job, Category::kv_cache) == Bytes(2 * 3 * 5 * 2 * 4));
  job.model.kinds[0].window = 4;
  CHECK(persistent(job, Category::kv_cache) == Bytes(2 * 3 * 4 * 2 * 4));
  job.model.kinds[0].window = 6;
  CHECK(persistent(job, Category::kv_cache) == Bytes(2 * 3 * 5 * 2 * 4));
}

TEST_CASE(
    "a chunk that is not the last runs all layers, its keys and values die in the cache, and it gives no logits") {
  CHECK(Told(tiny()).passes.at(0) == Events{"+token ids 12 saved",
                                            "+x 24 saved",
                                            "-token ids",
                                            "+attention norm output 24 attention",
                                            "+q 24 attention",
                                            "+k 12 attention",
                                            "+v 12 attention",
                                            "-attention norm output",
                                            "-k",
                                            "-v",
                                            "+o 24 attention",
                                            "-q",
                                            "+r 24 saved",
                                            "-o",
                                            "-x",
                                            "+feed-forward norm output 24 feed-forward",
                                            "+up 18 feed-forward",
                                            "-feed-forward norm output",
                                            "+x 24 saved",
                                            "-up",
                                            "-r",
                                            "-x"});
}

TEST_CASE("the last chunk gives logits of the last token of each sequence, and so does decode, whose rows are those") {
  const Told of(tiny());
  REQUIRE(of.passes.size() == 3);
  const Events& last = of.passes[1];
  CHECK(between(last, "+x 16 saved", "-token ids") == Events{"+x 16 saved", "-token ids"});
  CHECK(between(last, "-r", "-logits") == Events{"-r", "+last rows 8 head-and-loss", "-x",
                                                 "+final norm output 8 head-and-loss", "-last rows",
                                                 "+logits 20 head-and-loss", "-final norm output", "-logits"});
  CHECK(last.back() == "-logits");
  CHECK(of.passes[2] == Events{"+token ids 4 saved",
                               "+x 8 saved",
                               "-token ids",
                               "+attention norm output 8 attention",
                               "+q 8 attention",
                               "+k 4 attention",
                               "+v 4 attention",
                               "-attention norm output",
                               "-k",
                               "-v",
                               "+o 8 attention",
                               "-q",
                               "+r 8 saved",
                               "-o",
                               "-x",
                               "+feed-forward norm output 8 feed-forward",
                               "+up 6 feed-forward",
                               "-feed-forward norm output",
                               "+x 8 saved",
                               "-up",
                               "-r",
                               "+final norm output 8 head-and-loss",
                               "-x",
                               "+logits 20 head-and-loss",
                               "-final norm output",
                               "-logits"});
}

TEST_CASE("groups are read one after the other, decode takes all sequences together, and logits have the head's type") {
  Job job = tiny();
  job.batch = 3;
  job.inference.prefill_batch = 2;
  job.method.head = Head::chunked;
  const Told of(job);
  REQUIRE(of.passes.size() == 5);
  CHECK(of.passes[0].front() == "+token ids 24 saved");
  CHECK(of.passes[1].at(of.passes[1].size() - 3) == "+logits 20 head-and-loss");
  CHECK(of.passes[2].front() == "+token ids 12 saved");
  CHECK(of.passes[3].at(of.passes[3].size() - 3) == "+logits 10 head-and-loss");
  CHECK(of.passes[4].front() == "+token ids 12 saved");
  CHECK(of.passes[4].at(of.passes[4].size() - 3) == "+logits 30 head-and-loss");
}

TEST_CASE("behind a ring's window the first chunk reads its own keys, the next one the window's, a token the ring") {
  const Told of(with_window(2));
  CHECK(between(of.passes.at(0), "+v 12 attention", "+r 24 saved") ==
        Events{"+v 12 attention", "-attention norm output", "+o 24 attention", "-q", "-k", "-v", "+r 24 saved"});
  CHECK(between(of.passes.at(1), "+v 8 attention", "+r 16 saved") ==
        Events{"+v 8 attention", "-attention norm output", "+window keys 16 attention", "-k",
               "+window values 16 attention", "-v", "+o 16 attention", "-q", "-window keys", "-window values",
               "+r 16 saved"});
  CHECK(between(of.passes.at(2), "+v 4 attention", "+r 8 saved") ==
        Events{"+v 4 attention", "-attention norm output", "-k", "-v", "+o 8 attention", "-q", "+r 8 saved"});
}

TEST_CASE("scores of a pass span its tokens by those that the core reads") {
  Job job = with_window(2);
  job.method.attention = Attention::vanilla;
  const Told of(job);
  // Two heads of 3 x 3, of 2 x 4 and of 1 x 2.
  CHECK(between(of.passes.at(0), "+scores 36 attention", "-v") ==
        Events{"+scores 36 attention", "-q", "-k", "+o 24 attention", "-scores", "-v"});
  CHECK(between(of.passes.at(1), "+scores 32 attention", "-window values") ==
        Events{"+scores 32 attention", "-q", "-window keys", "+o 16 attention", "-scores", "-window values"});
  CHECK(between(of.passes.at(2), "+scores 8 attention", "-scores") ==
        Events{"+scores 8 attention", "-q", "+o 8 attention", "-scores"});
}

TEST_CASE("memory-efficient attention takes the cache's rows key block by key block") {
  Job job = tiny();
  job.method.attention = Attention::memory_efficient;
  // Two heads, 2 queries behind 3 tokens: key blocks of 2, 2 and 1 rows.
  CHECK(between(Told(job).passes.at(1), "-v", "-q") ==
        Events{"-v", "+running row maximum 16 attention", "+running row sum 16 attention",
               "+accumulator of o 32 attention", "+score tile 32 attention", "-score tile", "+score tile 32 attention",
               "-score tile", "+score tile 16 attention", "-score tile", "+o 16 attention", "-accumulator of o",
               "-running row sum", "-running row maximum", "-q"});
}

TEST_CASE("a blockwise pass writes the cache when all its key blocks are there, in front of the first query block") {
  Job job = tiny();
  job.method.feed_forward = FeedForward::blockwise;
  CHECK(between(Told(job).passes.at(0), "-token ids", "-r") == Events{"-token ids",
                                                                      "+attention norm output 16 attention",
                                                                      "+K 12 attention",
                                                                      "+V 12 attention",
                                                                      "-attention norm output",
                                                                      "+attention norm output 8 attention",
                                                                      "-attention norm output",
                                                                      "-K",
                                                                      "-V",
                                                                      "+attention norm output 16 attention",
                                                                      "+q 16 attention",
                                                                      "-attention norm output",
                                                                      "+o 16 attention",
                                                                      "-q",
                                                                      "+r 16 saved",
                                                                      "-o",
                                                                      "+feed-forward norm output 16 feed-forward",
                                                                      "+up 12 feed-forward",
                                                                      "-feed-forward norm output",
                                                                      "+x 24 saved",
                                                                      "-up",
                                                                      "-r"});
  job.model.kinds[0].window = 2;
  const Events window = Told(job).passes.at(1);
  CHECK(between(window, "-attention norm output", "+q 16 attention") ==
        Events{"-attention norm output", "+window keys 16 attention", "-K", "+window values 16 attention", "-V",
               "+attention norm output 16 attention", "+q 16 attention"});
  CHECK(between(window, "-r", "-x") == Events{"-r", "-window keys", "-window values", "-x"});
}

TEST_CASE("the peak is where the first chunk's values are born, or at the first logits of a large vocabulary") {
  Job job = tiny();
  job.batch = job.inference.prefill_batch = 3;
  const auto peak = [&] {
    test::Bench bench;
    measure::Generator generator(*bench.backend, bench.memory, job);
    generator.run();
    return bench.memory.ledger().peak();
  };
  // Parameters and cache; of 9 tokens x, the norm's output and q, 4 wide each, k and v, 2 wide each.
  CHECK(peak().total == Bytes(248 + 120 + 9 * (3 * 4 + 2 * 2) * 2));
  CHECK(peak().instant.name == "prefill layer");
  CHECK(peak().tensor == "v");
  job.model.vocab = 500;
  // The embedding and the head have 495 words more; of 3 tokens the final norm's output and logits in fp32.
  CHECK(peak().total == Bytes(248 + 2 * 495 * 4 * 2 + 120 + 3 * (4 * 2 + 500 * 4)));
  CHECK(peak().instant.name == "prefill head");
  CHECK(peak().tensor == "logits");
}

TEST_CASE("the cache of latent attention is one tensor a layer, a latent and a rope key in each row") {
  CHECK(persistent(with_latents(), Category::kv_cache) == Bytes(5 * (7 + 2) * 2));
}

TEST_CASE("latents go into the cache, and queries into their space: absorbed q and o are as wide as its rows") {
  CHECK(between(Told(with_latents()).passes.at(0), "-token ids", "-x") == Events{"-token ids",
                                                                                 "+attention norm output 24 attention",
                                                                                 "+raw query latent 30 attention",
                                                                                 "+query latent 30 attention",
                                                                                 "-raw query latent",
                                                                                 "+q 72 attention",
                                                                                 "-query latent",
                                                                                 "+raw latent 42 attention",
                                                                                 "+rope key 12 attention",
                                                                                 "-attention norm output",
                                                                                 "+latent 42 attention",
                                                                                 "-raw latent",
                                                                                 "-latent",
                                                                                 "-rope key",
                                                                                 "+absorbed q 108 attention",
                                                                                 "-q",
                                                                                 "+o 108 attention",
                                                                                 "-absorbed q",
                                                                                 "+o of the heads 36 attention",
                                                                                 "-o",
                                                                                 "+r 24 saved",
                                                                                 "-o of the heads",
                                                                                 "-x"});
}

TEST_CASE("in a blockwise pass latents go into the cache key block by key block, and q is absorbed in a query block") {
  Job job = with_latents();
  job.method.feed_forward = FeedForward::blockwise;
  const Events events = Told(job).passes.at(0);
  CHECK(between(events, "-token ids", "-raw query latent") == Events{"-token ids",
                                                                     "+attention norm output 16 attention",
                                                                     "+raw latent 28 attention",
                                                                     "+rope key 8 attention",
                                                                     "-attention norm output",
                                                                     "+latent 28 attention",
                                                                     "-raw latent",
                                                                     "-latent",
                                                                     "-rope key",
                                                                     "+attention norm output 8 attention",
                                                                     "+raw latent 14 attention",
                                                                     "+rope key 4 attention",
                                                                     "-attention norm output",
                                                                     "+latent 14 attention",
                                                                     "-raw latent",
                                                                     "-latent",
                                                                     "-rope key",
                                                                     "+attention norm output 16 attention",
                                                                     "+raw query latent 20 attention",
                                                                     "+query latent 20 attention",
                                                                     "-raw query latent"});
  CHECK(between(events, "+q 48 attention", "-o of the heads") ==
        Events{"+q 48 attention", "-query latent", "-attention norm output", "+absorbed q 72 attention", "-q",
               "+o 72 attention", "-absorbed q", "+o of the heads 24 attention", "-o", "+r 16 saved",
               "-o of the heads"});
}

TEST_CASE("rules for chunks take the tokens of the pass") {
  Job job = tiny();
  job.method.feed_forward = FeedForward::chunked;
  job.method.ffn_chunk = {ChunkRule::whole, {}};
  const Told of(job);
  CHECK(std::count(of.passes.at(0).begin(), of.passes.at(0).end(), "+up 18 feed-forward") == 1);
  CHECK(std::count(of.passes.at(1).begin(), of.passes.at(1).end(), "+up 12 feed-forward") == 1);
}
