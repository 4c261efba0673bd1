// Inference on tensor and data ranks: each rank has the logits of its sequences and its part of the vocabulary.

#include <headroom/measure/generator.h>

#include "catch.h"
#include "inference.h"
#include "one_rank.h"

using namespace headroom;
using headroom::test::Logits;
using headroom::test::ranks_present;
using headroom::test::this_rank;

namespace {

/// Of logits of all sequences and entries of the vocabulary, those of this rank, with its padding as zeros.
std::vector<double> share_of(const Job& job, const std::vector<double>& logits) {
  const measure::RankPlace place = measure::place_of(job, this_rank());
  const measure::Part part = measure::part_of(job.model.vocab, place.tensor_rank, place.tensor_ranks);
  std::vector<double> share;
  for (std::int64_t b = 0; b < job.batch; ++b) {
    const auto row = logits.begin() + (place.data_rank * job.batch + b) * job.model.vocab + part.first;
    share.insert(share.end(), row, row + part.count);
    share.insert(share.end(), static_cast<std::size_t>(part.length - part.count), 0.0);
  }
  return share;
}

void check_alike(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance) {
  REQUIRE(actual.size() == expected.size());
  REQUIRE(test::length_of(expected) > 0);
  CHECK(test::relative_difference(actual, expected) <= tolerance);
}

void check_like_one_rank(const Job& job, double tolerance) {
  test::Bench bench;
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, this_rank()), exchange);
  const Logits actual = test::logits_on(*bench.backend, bench.resource, job, communicator);
  const Logits expected = test::logits_of(test::on_one_rank(job));
  check_alike(actual.prefill, share_of(job, expected.prefill), tolerance);
  check_alike(actual.decode, share_of(job, expected.decode), tolerance);
}

/// All ranks, so many of them tensor ranks.
Job arranged(Job job, std::int64_t tensor) {
  job.mode = Mode::inference;
  job.degrees.tensor = tensor;
  job.degrees.data = ranks_present() / tensor;
  job.inference.prefill_chunk = {ChunkRule::tokens, Tokens(5)};
  return job;
}

/// Post-norms, tied embeddings, a window, two kinds of layers whose key heads are shared by different ranks.
Job gemma_job() {
  Job job = test::gemma_job();
  job.model.kinds[0].window = 4;
  job.model.kinds[1].heads = 8;
  return job;
}

void check_all(const Job& base, double tolerance) {
  for (const test::Variant& variant : test::variants(base.method)) {
    if (variant.recompute.kind != RecomputeKind::none || variant.method.key_values == KeyValues::recomputed) continue;
    for (const std::int64_t tensor : {ranks_present(), std::int64_t{2}, std::int64_t{1}}) {
      INFO(variant.name << ", t " << tensor);
      check_like_one_rank(arranged(test::with(base, variant), tensor), tolerance);
    }
  }
}

}  // namespace

TEST_CASE("tensor and data ranks give the logits of one rank in fp32") {
  check_all(GENERATE(test::gpt_job(), test::llama_job(), gemma_job(), test::qwen_job(), test::gpt_j_job(),
                     test::deepseek_job()),
            1e-5);
}

TEST_CASE("tensor and data ranks give the logits of one rank in bf16") {
  Job job = gemma_job();
  job.precision = Precision::bf16;
  job.model.layer_runs = {{1, {0}}};
  check_all(job, 2e-2);
}

TEST_CASE("each tensor rank has the cache of its key heads") {
  const Job job = arranged(test::llama_job(), ranks_present());  // with 2 key heads of 6
  test::Bench bench;
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, this_rank()), exchange);
  const measure::Generator generator(*bench.backend, bench.memory, job, {}, nullptr, communicator);
  const std::int64_t elements = 3 * 2 * 2 * 13 * 6;  // layers, keys and values, sequences, tokens, one head
  CHECK(bench.memory.ledger().live_by_category()[Category::kv_cache] == Bytes(4 * elements));
}
