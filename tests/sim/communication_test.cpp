#include <headroom/sim/communication.h>

#include <algorithm>
#include <string>
#include <vector>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/published.h>

#include "catch.h"
#include "random_jobs.h"
#include "sized_jobs.h"
#include "works_by_hand.h"

using namespace headroom;
using sim::Communication;
using sim::communication;
using sim::Purpose;
using sim::Sent;
using sim::UnitCommunication;

namespace {

constexpr std::int64_t kHeads = 8, kHeadDim = 16, kHidden = kHeads * kHeadDim, kVocab = 512, kLayers = 6;
constexpr std::int64_t kSeq = 1024, kRanks = 4, kBytes = 2;

/// GPT-style in pure bf16 without accumulation; every size divides by the ranks.
Job job_on(const Degrees& degrees, SequenceDistribution sequence, Recompute recompute = {}) {
  Method method = test::method_of(Attention::flash, FeedForward::whole, Head::dense, Tokens(256));
  method.sequence = sequence;
  Job job = test::bf16_job(test::gpt_style(kHeads, kHeadDim, kVocab, kLayers), method, recompute);
  job.degrees = degrees;
  job.seq = Tokens(kSeq);
  return job;
}

Job data_parallel(StateSharding sharding, Recompute recompute = {}) {
  Job job = job_on({.data = kRanks}, SequenceDistribution::none, recompute);
  job.method.sharding = sharding;
  return job;
}

Communication of(const Job& job, std::int64_t rank = 0) { return communication(job, job.seq, rank); }

/// A layer of a job whose layers all send the same.
UnitCommunication layer_of(const Job& job) {
  const Communication sent = of(job);
  REQUIRE(sent.layers.size() == 1);
  REQUIRE(sent.layers.front().layers == kLayers);
  return sent.layers.front().each;
}

Sent sequence_of(const sim::SentByPurpose& sent) { return sent[Purpose::sequence]; }

/// Elements of a layer's k of all tokens.
constexpr std::int64_t kWhole = kSeq * kHidden;

/// Bytes of gradients or parameters, Psi elements, times `num / kRanks`.
Bytes share_of(std::int64_t elements, std::int64_t num) { return Bytes(elements * kBytes / kRanks * num); }

std::int64_t parameters_of_layer(const Job& job) {
  Job deeper = job;
  ++deeper.model.layer_runs.front().repeat;
  return parameter_count(deeper.model) - parameter_count(job.model);
}

/// The model as its position table is: one row a token at least.
Transformer with_positions(const Job& job) {
  Transformer model = job.model;
  model.max_positions = std::max(model.max_positions, job.seq.count());
  return model;
}

Bytes bytes_of(const Job& job, std::int64_t parameters) {
  return Bytes(parameters * element_size(compute_dtype(job.precision)));
}
Bytes parameter_bytes(const Job& job) { return bytes_of(job, parameter_count(with_positions(job))); }

std::int64_t parameters_without_layers(Transformer model) {
  model.layer_runs.clear();
  return parameter_count(model);
}

/// Every layer's kind, one by one.
std::vector<std::int64_t> kinds_of(const Transformer& model) {
  std::vector<std::int64_t> kinds;
  for (const LayerRun& run : model.layer_runs) {
    for (std::int64_t i = 0; i < run.repeat; ++i) kinds.insert(kinds.end(), run.period.begin(), run.period.end());
  }
  return kinds;
}

/// How often every gradient is sent in a step: an all-reduce counts twice.
std::int64_t reductions(const Job& job) {
  return job.method.sharding == StateSharding::none || job.method.sharding == StateSharding::zero1 ? 2 : 1;
}

/// Bytes of parameters that all gathers of a step make whole.
Bytes gathered(const Job& job) {
  if (job.method.sharding == StateSharding::none) return 0_B;
  if (job.method.sharding != StateSharding::zero3) return parameter_bytes(job);
  Transformer model = with_positions(job);
  const std::vector<std::int64_t> kinds = kinds_of(model);
  const std::int64_t outside = parameters_without_layers(model);
  std::int64_t sum = outside + (model.tied_embeddings ? model.vocab * model.hidden : 0);
  const auto works = test::units_of_works(job.recompute, static_cast<std::int64_t>(kinds.size()));
  for (const auto& [unit, times] : test::units_on_device(works, job.method.prefetch).arrivals) {
    if (unit < 0) continue;  // the embedding and the head come once
    model.layer_runs = {{1, {kinds[static_cast<std::size_t>(unit)]}}};
    sum += times * (parameter_count(model) - outside);
  }
  return bytes_of(job, sum);
}

Sent sum_by_hand(const Communication& sent, std::int64_t micro_batches) {
  std::vector<Sent> parts;
  const auto add = [&parts](const sim::SentByPurpose& more, std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i) parts.insert(parts.end(), more.sent.begin(), more.sent.end());
  };
  const auto add_unit = [&](const UnitCommunication& unit, std::int64_t times) {
    for (const auto* pass : {&unit.forward, &unit.recompute, &unit.backward}) add(*pass, times);
  };
  for (const auto& layers : sent.layers) add_unit(layers.each, layers.layers * micro_batches);
  add_unit(sent.embedding, micro_batches);
  add_unit(sent.head, micro_batches);
  add_unit(sent.boundaries, micro_batches);
  add(sent.reduction, 1);
  add(sent.update, 1);
  Sent sum;
  for (const Sent& part : parts) sum = {sum.bytes + part.bytes, sum.messages + part.messages};
  return sum;
}

}  // namespace

TEST_CASE("Ulysses moves four tensors forward and four backward, of each all but an N-th") {
  const UnitCommunication layer = layer_of(job_on({.sequence = kRanks}, SequenceDistribution::ulysses));
  const Bytes tensor(kWhole / kRanks * kBytes);
  const Sent four{4 * Bytes(tensor.count() * (kRanks - 1) / kRanks), 4 * (kRanks - 1)};
  CHECK(sequence_of(layer.forward) == four);
  CHECK(sequence_of(layer.backward) == four);
  CHECK(layer.recompute.total() == Sent{});
}

TEST_CASE("Ulysses sends (N-1)/N of the published 4Nh/P, whose all-to-all counts what stays too") {
  const UnitCommunication layer = layer_of(job_on({.sequence = kRanks}, SequenceDistribution::ulysses));
  const Rational published = sim::published::ulysses::link_elements(kSeq, kHidden, kRanks);
  CHECK(Rational(layer.forward.total().bytes.count(), kBytes) == published * Rational(kRanks - 1, kRanks));
}

TEST_CASE("Ulysses sends each key head to every rank whose queries read it") {
  Job job = job_on({.sequence = 8}, SequenceDistribution::ulysses);
  job.model.kinds.front().kv_heads = 2;
  const UnitCommunication layer = layer_of(job);
  const std::int64_t piece = kSeq / 8 * kHeadDim * kBytes;  // one head of the rank's tokens
  CHECK(sequence_of(layer.forward) == Sent{28 * Bytes(piece), 28});
  CHECK(sequence_of(layer.backward) == sequence_of(layer.forward));
}

TEST_CASE("a ring sends keys and values in N - 1 steps, and in backward their fp32 sums in N") {
  const UnitCommunication layer =
      layer_of(job_on({.sequence = kRanks}, SequenceDistribution::ring, {RecomputeKind::full, 1}));
  const std::int64_t elements = kWhole / kRanks;
  const Sent keys{Bytes((kRanks - 1) * 2 * elements * kBytes), 2 * (kRanks - 1)};
  const Sent sums{Bytes(kRanks * 2 * elements * 4), 2 * kRanks};
  CHECK(sequence_of(layer.forward) == keys);
  CHECK(sequence_of(layer.recompute) == keys);
  CHECK(sequence_of(layer.backward) == keys + sums);
}

TEST_CASE("a ring over Ulysses groups passes the group's tokens of a share of the heads") {
  Job job = job_on({.sequence = kRanks, .ulysses = 2}, SequenceDistribution::ring_ulysses);
  const UnitCommunication layer = layer_of(job);
  const std::int64_t own = kWhole / kRanks;
  const Sent heads{Bytes(4 * own / 2 * kBytes), 4};
  const Sent keys{Bytes(2 * own * kBytes), 2};
  const Sent sums{4 * Bytes(own * 4), 4};
  CHECK(sequence_of(layer.forward) == heads + keys);
  CHECK(sequence_of(layer.backward) == heads + keys + sums);
}

TEST_CASE("LSS gathers keys and values once and reduce-scatters their gradients once") {
  const UnitCommunication layer =
      layer_of(job_on({.sequence = kRanks}, SequenceDistribution::lss, {RecomputeKind::full, 1}));
  const Sent own_to_all{Bytes((kRanks - 1) * 2 * (kWhole / kRanks) * kBytes), 2 * (kRanks - 1)};
  for (const auto* pass : {&layer.forward, &layer.recompute, &layer.backward}) CHECK(sequence_of(*pass) == own_to_all);
}

TEST_CASE("data ranks all-reduce the gradients and the loss, and send nothing else: 2 Psi (D-1)/D") {
  const Job job = data_parallel(StateSharding::none);
  const Communication sent = of(job);
  CHECK(sent.step()[Purpose::gradients].bytes == share_of(parameter_count(job.model), 2 * (kRanks - 1)));
  CHECK(sent.step()[Purpose::gradients] == sent.reduction.total());
  CHECK(sent.step()[Purpose::loss] == Sent{12_B, 3});
  CHECK(of(job, 1).step()[Purpose::loss] == Sent{4_B, 1});
  CHECK(sent.step().total() == sent.reduction.total() + sent.step()[Purpose::loss]);
}

TEST_CASE("ZeRO-2 moves 2 Psi a step: gradients are reduce-scattered, updated parameters gathered") {
  const Job job = data_parallel(StateSharding::zero2, {RecomputeKind::full, 1});
  const Communication sent = of(job);
  const Bytes psi = share_of(parameter_count(job.model), kRanks - 1);
  CHECK(sent.step()[Purpose::gradients].bytes == psi);
  CHECK(sent.step()[Purpose::parameters].bytes == psi);
  CHECK(sent.update.total() == sent.step()[Purpose::parameters]);
  CHECK(sent.reduction.total() == Sent{});
  CHECK(sent.step(5)[Purpose::gradients].bytes == 5 * psi);
  CHECK(sent.step(5)[Purpose::parameters].bytes == psi);
}

TEST_CASE("ZeRO-1 moves 3 Psi a step, since this runtime all-reduces gradients that stay whole") {
  const Job job = data_parallel(StateSharding::zero1);
  const Bytes psi = share_of(parameter_count(job.model), kRanks - 1);
  const Communication sent = of(job);
  CHECK(sent.step()[Purpose::gradients].bytes == 2 * psi);
  CHECK(sent.step()[Purpose::parameters].bytes == psi);
  CHECK(sent.step(5).total().bytes == 3 * psi + 5 * sent.step()[Purpose::loss].bytes);
}

TEST_CASE("ZeRO-3 moves 3 Psi of a layer: gathered forward and backward, gradients reduce-scattered") {
  for (const RecomputeKind recompute : {RecomputeKind::none, RecomputeKind::full}) {
    const Job job = data_parallel(StateSharding::zero3, {recompute, 1});
    const Bytes psi = share_of(parameters_of_layer(job), kRanks - 1);
    const UnitCommunication layer = layer_of(job);
    CHECK(layer.total()[Purpose::parameters].bytes == 2 * psi);
    CHECK(layer.total()[Purpose::gradients].bytes == psi);
    // Recompute gathers in the place of backward.
    CHECK(layer.backward[Purpose::parameters].bytes == (recompute == RecomputeKind::none ? psi : 0_B));
  }
}

TEST_CASE("under ZeRO-3 a layer inside a recomputed segment is gathered once more than its last one") {
  const Job job = data_parallel(StateSharding::zero3, {RecomputeKind::every, 3});
  const Bytes psi = share_of(parameters_of_layer(job), kRanks - 1);
  const Communication sent = of(job);
  REQUIRE(sent.layers.size() == 2);
  CHECK(sent.layers.at(0).layers == 4);
  CHECK(sent.layers.at(0).each.total()[Purpose::parameters].bytes == 3 * psi);
  CHECK(sent.layers.at(1).layers == 2);
  CHECK(sent.layers.at(1).each.total()[Purpose::parameters].bytes == 2 * psi);
}

TEST_CASE("under ZeRO-3 embedding and head are gathered once, and a tied table by both") {
  Job job = data_parallel(StateSharding::zero3);
  const Bytes table = share_of(kVocab * kHidden, kRanks - 1), norm = share_of(2 * kHidden, kRanks - 1);
  CHECK(of(job).embedding.total().total().bytes == 2 * table);
  CHECK(of(job).head.total().total().bytes == 2 * (table + norm) + of(job).head.forward[Purpose::loss].bytes);
  job.model.tied_embeddings = true;
  CHECK(of(job).embedding.total().total().bytes == 2 * table);
  CHECK(of(job).head.forward[Purpose::parameters].bytes == table + norm);
  CHECK(of(job).head.backward[Purpose::gradients].bytes == norm);
}

TEST_CASE("one rank sends nothing, whatever its method could do on several") {
  for (const std::string_view name : method_names()) {
    Job job = data_parallel(StateSharding::none);
    job.method = method_preset(name).method;
    job.degrees = {};
    job.recompute = {RecomputeKind::full, 1};
    CHECK(of(job).step(3) == sim::SentByPurpose{});
    CHECK(of(job).layers.empty());
  }
}

TEST_CASE("what a step sends is the sum of its parts, layer by layer, on random jobs") {
  int sending = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Job job = test::random_job(seed);
    INFO(test::described(seed, job));
    const Communication sent = of(job, rank_count(job.degrees) - 1);
    CHECK(sent.step().total() == sum_by_hand(sent, 1));
    CHECK(sent.step(3).total() == sum_by_hand(sent, 3));
    std::int64_t layers = 0;
    for (const auto& of_kind : sent.layers) layers += of_kind.layers;
    const bool sends = rank_count(job.degrees) > 1;
    CHECK(layers == (sends ? layer_count(job.model) / job.degrees.pipeline : 0));
    CHECK((sent.step().total().messages > 0) == sends);
    sending += sends ? 1 : 0;
  }
  CHECK(sending > 100);
}

TEST_CASE("a tensor-parallel layer all-reduces b s h twice in forward and twice in backward (Megatron-LM, section 3)") {
  const UnitCommunication layer = layer_of(job_on({.tensor = kRanks}, SequenceDistribution::none));
  const Bytes all_reduce(2 * (kRanks - 1) * kWhole / kRanks * kBytes);
  CHECK(layer.forward[Purpose::tensor] == Sent{2 * all_reduce, 4 * (kRanks - 1)});
  CHECK(layer.backward[Purpose::tensor] == layer.forward[Purpose::tensor]);
  CHECK(layer.forward.total() == layer.forward[Purpose::tensor]);
}

TEST_CASE("Megatron-SP sends as many bytes in forward as tensor parallelism; backward gathers norm outputs again") {
  const UnitCommunication whole = layer_of(job_on({.tensor = kRanks}, SequenceDistribution::none));
  const UnitCommunication split = layer_of(job_on({.tensor = kRanks}, SequenceDistribution::megatron_sp));
  const Bytes gather((kRanks - 1) * kWhole / kRanks * kBytes);
  CHECK(split.forward[Purpose::tensor] == whole.forward[Purpose::tensor]);
  CHECK(split.backward[Purpose::tensor].bytes == whole.backward[Purpose::tensor].bytes + 2 * gather);
}

TEST_CASE("Megatron-SP sends the 4Nh of the Ulysses paper in forward, of which a rank keeps a part of its own") {
  const UnitCommunication layer = layer_of(job_on({.tensor = kRanks}, SequenceDistribution::megatron_sp));
  CHECK(layer.forward.total().bytes == Bytes(4 * kWhole * kBytes / kRanks * (kRanks - 1)));
}

TEST_CASE("the last layer of a recomputed segment recomputes no feed-forward output, and so sends less") {
  const Communication sent = of(job_on({.tensor = kRanks}, SequenceDistribution::none, {RecomputeKind::every, 3}));
  REQUIRE(sent.layers.size() == 2);
  const Sent one = sent.layers[1].each.recompute[Purpose::tensor];
  CHECK(sent.layers[0].layers == 4);
  CHECK(sent.layers[1].layers == 2);
  CHECK(sent.layers[0].each.recompute[Purpose::tensor] == one + one);
}

TEST_CASE("tensor ranks that have the same key head sum its gradients, and under Megatron-SP those of norms") {
  Job job = job_on({.tensor = 8}, SequenceDistribution::none);
  job.model.kinds.front().kv_heads = 2;
  const std::int64_t of_layer = 2 * kHidden * kHeadDim * 2 * 3 / 4 * kBytes;  // W_k and W_v of a head, four ranks each
  CHECK(of(job).reduction[Purpose::gradients].bytes == Bytes(kLayers * of_layer));
  job.method.sequence = SequenceDistribution::megatron_sp;
  const std::int64_t norms = (2 * kLayers + 1) * 2 * kHidden;
  CHECK(of(job).reduction[Purpose::gradients].bytes == Bytes(kLayers * of_layer + 2 * 7 * norms / 8 * kBytes));
}

TEST_CASE("a pipeline stage sends a run's output on and a residual gradient back, of each run and micro-batch") {
  Job job = job_on({.pipeline = 3}, SequenceDistribution::none);
  job.model_chunks = 2;
  job.micro_batches = 6;
  const Sent x{Bytes(kWhole * kBytes), 1};
  for (const std::int64_t stage : {0, 1, 2}) {
    const UnitCommunication sent = of(job, stage).boundaries;
    CHECK(sent.forward.total() == (stage == 2 ? 1 : 2) * x);
    CHECK(sent.backward.total() == (stage == 0 ? 1 : 2) * x);
  }
  CHECK(of(job, 1).step(6)[Purpose::pipeline] == 24 * x);
}

TEST_CASE("the first and the last stage sum the gradient of a tied table, the others send nothing for it") {
  Job job = job_on({.pipeline = 3}, SequenceDistribution::none);
  job.model.tied_embeddings = true;
  const Bytes table(kVocab * kHidden * kBytes);
  CHECK(of(job, 0).reduction.total().bytes == table);
  CHECK(of(job, 1).reduction.total().bytes == 0_B);
  CHECK(of(job, 2).reduction.total().bytes == table);
}

TEST_CASE("all ranks together send a collective's whole volume, however its elements divide, on random jobs") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Job job = test::random_job(seed);
    INFO(test::described(seed, job));
    if (job.degrees.tensor > 1 || job.degrees.pipeline > 1) continue;  // whose parameters differ
    const std::int64_t others = rank_count(job.degrees) - 1;
    sim::SentByPurpose all;
    for (std::int64_t rank = 0; rank <= others; ++rank) all += of(job, rank).step();
    CHECK(all[Purpose::gradients].bytes == others * reductions(job) * parameter_bytes(job));
    CHECK(all[Purpose::parameters].bytes == others * gathered(job));
    CHECK(all[Purpose::loss] == Sent{2 * others * 4_B, 2 * others});
  }
}

TEST_CASE("what cannot be asked is refused in a sentence, and an overflow is reported") {
  const Job job = job_on({.sequence = kRanks}, SequenceDistribution::ring);
  CHECK_THROWS_AS(communication(job, Tokens(0)), InputError);
  CHECK_THROWS_AS(communication(job, Tokens(kSeq + 1)), InputError);
  CHECK_THROWS_AS(communication(job, Tokens(kSeq), kRanks), InputError);
  CHECK_THROWS_AS(communication(job, Tokens(kSeq), -1), InputError);
  CHECK_THROWS_AS(communication(job, Tokens(std::int64_t{1} << 58)), OverflowError);
  CHECK_THROWS_AS(of(job).step(std::int64_t{1} << 50), OverflowError);
}
