#include <algorithm>

#include <headroom/sim/chunks.h>

#include "catch.h"
#include "random.h"
#include "random_jobs.h"

namespace headroom::test {
namespace {

using sim::chunk_tokens;
using sim::ChunkAxis;

Job sized(std::int64_t hidden, std::int64_t vocab, std::int64_t batch) {
  Job job = random_job(1);
  job.model.hidden = hidden;
  job.model.vocab = vocab;
  job.batch = batch;
  return job;
}

std::int64_t by(const Job& job, ChunkRule rule, ChunkAxis axis, std::int64_t seq) {
  return chunk_tokens(job, {rule, Tokens(0)}, axis, Tokens(seq)).count();
}

}  // namespace

TEST_CASE("a chunk of explicit tokens is as long as given, or as the sequence") {
  const Job job = sized(4096, 128256, 1);
  CHECK(chunk_tokens(job, {ChunkRule::tokens, Tokens(1000)}, ChunkAxis::query, Tokens(4000)) == Tokens(1000));
  CHECK(chunk_tokens(job, {ChunkRule::tokens, Tokens(1000)}, ChunkAxis::head, Tokens(999)) == Tokens(999));
}

TEST_CASE("the rule hidden gives the hidden width in tokens") {
  CHECK(by(sized(4096, 128256, 1), ChunkRule::hidden, ChunkAxis::ffn, 65536) == 4096);
  CHECK(by(sized(4096, 128256, 1), ChunkRule::hidden, ChunkAxis::head, 100) == 100);
}

TEST_CASE("the rule vocab-over-hidden cuts the sequence into ceil(v/h) mini-sequences") {
  CHECK(by(sized(4096, 128256, 1), ChunkRule::vocab_over_hidden, ChunkAxis::head, 65536) == 2048);  // 31.3 -> 32
  CHECK(by(sized(4096, 128256, 1), ChunkRule::vocab_over_hidden, ChunkAxis::head, 65537) == 2049);
  CHECK(by(sized(4096, 4096, 1), ChunkRule::vocab_over_hidden, ChunkAxis::head, 1000) == 1000);
}

TEST_CASE("the rule mst-code gives max(4096/b, 1024) tokens to the feed-forward and s/64 to the head") {
  CHECK(by(sized(4096, 128256, 1), ChunkRule::mst_code, ChunkAxis::ffn, 65536) == 4096);
  CHECK(by(sized(4096, 128256, 3), ChunkRule::mst_code, ChunkAxis::ffn, 65536) == 1365);
  CHECK(by(sized(4096, 128256, 8), ChunkRule::mst_code, ChunkAxis::ffn, 65536) == 1024);
  CHECK(by(sized(4096, 128256, 1), ChunkRule::mst_code, ChunkAxis::head, 65536) == 1024);
  CHECK(by(sized(4096, 128256, 1), ChunkRule::mst_code, ChunkAxis::head, 63) == 1);
}

TEST_CASE("the rule shards-of-hidden cuts the sequence into ceil(s/h) equal shards") {
  const Job job = sized(100, 1000, 1);
  CHECK(by(job, ChunkRule::shards_of_hidden, ChunkAxis::ffn, 100) == 100);
  CHECK(by(job, ChunkRule::shards_of_hidden, ChunkAxis::ffn, 101) == 51);
  CHECK(by(job, ChunkRule::shards_of_hidden, ChunkAxis::head, 1000) == 100);
  CHECK(by(job, ChunkRule::shards_of_hidden, ChunkAxis::head, 1001) == 91);
}

TEST_CASE("every chunk is between 1 token and the sequence, and the shortest of all longer sequences is found") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Job job = random_job(seed);
    const ChunkAxis axis = seed % 2 == 0 ? ChunkAxis::ffn : ChunkAxis::head;
    const Chunk& chunk = axis == ChunkAxis::ffn ? job.method.ffn_chunk : job.method.head_chunk;
    Tokens shortest(1000);
    for (std::int64_t s = 1000; s >= 1; --s) {
      const Tokens tokens = chunk_tokens(job, chunk, axis, Tokens(s));
      shortest = std::min(shortest, tokens);
      const bool found = s > 800 || sim::shortest_chunk_from(job, chunk, axis, Tokens(s)) == shortest;
      if (tokens < Tokens(1) || tokens > Tokens(s) || !found) FAIL("at " << s << " tokens, " << described(seed, job));
    }
  }
  SUCCEED();
}

TEST_CASE("chunks of absurd sequences and widths are exact") {
  const std::int64_t huge = std::int64_t{1} << 40;
  CHECK(by(sized(huge, huge, 1), ChunkRule::shards_of_hidden, ChunkAxis::ffn, huge) == huge);
  CHECK(by(sized(1, huge, 1), ChunkRule::vocab_over_hidden, ChunkAxis::head, huge) == 1);
  CHECK(sim::shortest_chunk_from(sized(huge, 1, 1), {ChunkRule::shards_of_hidden, Tokens(0)}, ChunkAxis::ffn,
                                 Tokens(huge)) == Tokens(huge / 2 + 1));
}

}  // namespace headroom::test
