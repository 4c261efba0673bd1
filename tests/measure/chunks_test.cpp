#include <headroom/measure/chunks.h>

#include "catch.h"

using namespace headroom;
using headroom::measure::chunks_of;

namespace {

/// h = 100, v = 1050, s = 1000.
Job job_with(ChunkRule rule, std::int64_t batch = 1, std::int64_t seq = 1000) {
  Job job;
  job.model.hidden = 100;
  job.model.vocab = 1050;
  job.batch = batch;
  job.seq = Tokens(seq);
  Method& method = job.method;
  for (Chunk* chunk : {&method.query_chunk, &method.kv_chunk, &method.ffn_chunk, &method.head_chunk}) {
    *chunk = {rule, Tokens(300)};
  }
  return job;
}

}  // namespace

TEST_CASE("a chunk's length is as given or by its rule") {
  CHECK(chunks_of(job_with(ChunkRule::tokens)).query == 300);
  CHECK(chunks_of(job_with(ChunkRule::hidden)).ffn == 100);
  CHECK(chunks_of(job_with(ChunkRule::vocab_over_hidden)).head == 91);         // 11 mini-sequences
  CHECK(chunks_of(job_with(ChunkRule::shards_of_hidden)).ffn == 100);          // 10 shards
  CHECK(chunks_of(job_with(ChunkRule::shards_of_hidden, 1, 1001)).ffn == 91);  // 11 shards
}

TEST_CASE("the MsT authors' code shares 4096 tokens among the batch, at least 1024, and cuts the head into 64") {
  CHECK(chunks_of(job_with(ChunkRule::mst_code, 1, 100000)).ffn == 4096);
  CHECK(chunks_of(job_with(ChunkRule::mst_code, 3, 100000)).ffn == 1365);
  CHECK(chunks_of(job_with(ChunkRule::mst_code, 8, 100000)).ffn == 1024);
  CHECK(chunks_of(job_with(ChunkRule::mst_code, 8, 100000)).head == 1562);
}

TEST_CASE("no chunk is longer than the sequence or shorter than a token") {
  CHECK(chunks_of(job_with(ChunkRule::tokens, 1, 10)).kv == 10);
  CHECK(chunks_of(job_with(ChunkRule::mst_code, 1, 10)).head == 1);
  CHECK(chunks_of(job_with(ChunkRule::vocab_over_hidden, 1, 1)).head == 1);
}
