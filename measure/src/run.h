#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <headroom/kernels/backend.h>
#include <headroom/measure/chunks.h>
#include <headroom/measure/communicator.h>
#include <headroom/measure/memory.h>
#include <headroom/measure/rank_place.h>
#include <headroom/measure/trainer.h>
#include <headroom/measure/weights.h>
#include <headroom/models/job.h>

namespace headroom::measure {

class AttentionCore;
class Crossing;
class KeyValueCache;
class Vocabulary;

/// Whether the job's optimizer has states, and they live on the host (docs/runtime.md section 11).
[[nodiscard]] bool offloads_states(const Job& job);
/// Whether the optimizer updates on the host: its states live there, or parameters do.
[[nodiscard]] bool updates_on_host(const Job& job);

/// What every piece of a step reads, and the makers of its tensors.
struct Run {
  kernels::Backend& backend;
  Memory& memory;
  std::optional<Host> host;  ///< always, where the job offloads
  const Job& job;
  const Training& training;
  Observer& observer;
  Communicator& communicator;
  const AttentionCore& core;
  const KeyValueCache* cache;  ///< in inference, else null
  const Crossing& crossing;
  const Vocabulary& vocabulary;
  RankPlace place;
  Rows sequences;                               ///< of those that the data rank has
  kernels::Type compute = kernels::Type::fp32;  ///< type of parameters, gradients and activations
  Chunks chunks;
  std::int64_t step = 0;         ///< counts from 1 within steps
  std::int64_t micro_batch = 0;  ///< counts from 0 within a step

  [[nodiscard]] std::int64_t batch() const { return sequences.count; }
  /// Tokens of each sequence that this rank holds: all of them where nobody shares it.
  [[nodiscard]] std::int64_t seq() const { return place.tokens.count(); }
  /// Tokens of each sequence that this rank's products see.
  [[nodiscard]] std::int64_t product_seq() const { return place.product_tokens.count(); }
  [[nodiscard]] std::int64_t whole_seq() const { return job.seq.count(); }
  [[nodiscard]] std::int64_t hidden() const { return job.model.hidden; }
  [[nodiscard]] bool is_fp32() const { return compute == kernels::Type::fp32; }
  [[nodiscard]] std::int64_t micro_batches() const { return job.accumulate ? training.micro_batches : 1; }
  /// Tokens of all micro-batches and ranks: what the loss is a mean over.
  [[nodiscard]] std::int64_t tokens_of_step() const {
    return batch() * whole_seq() * micro_batches() * place.data_ranks;
  }
  /// The entries of the vocabulary that this rank has, and how many with padding.
  [[nodiscard]] Part vocabulary_part() const { return part_of(job.model.vocab, place.tensor_rank, place.tensor_ranks); }
  /// What the ranks share out.
  [[nodiscard]] bool shards_optimizer() const { return shards_from(StateSharding::zero1); }
  [[nodiscard]] bool shards_gradients() const { return shards_from(StateSharding::zero2); }
  [[nodiscard]] bool shards_parameters() const { return shards_from(StateSharding::zero3); }
  /// What lives on the host: checkpoints, where the optimizer has any, moments and master copies, and parameters.
  [[nodiscard]] bool offloads_checkpoints() const { return job.method.offload_checkpoints; }
  [[nodiscard]] bool offloads_states() const { return measure::offloads_states(job); }
  [[nodiscard]] bool offloads_parameters() const { return job.method.offload_parameters; }
  /// Whether whole parameters live on the device only for their unit's works.
  [[nodiscard]] bool fetches_parameters() const { return shards_parameters() || offloads_parameters(); }
  /// Where parameters persist, where moments and master copies live, and the kernels that update.
  [[nodiscard]] Memory& parameter_memory() const { return offloads_parameters() ? host->memory : memory; }
  [[nodiscard]] Memory& state_memory() const { return offloads_states() ? host->memory : memory; }
  [[nodiscard]] kernels::Backend& state_backend() const { return updates_on_host(job) ? *host->backend : backend; }
  [[nodiscard]] Rows whole() const { return {0, seq()}; }

  /// [batch, rows, width] in compute dtype.
  [[nodiscard]] Tensor activation(const Label& label, std::int64_t rows, std::int64_t width) const;
  /// [batch, rows, width] in fp32.
  [[nodiscard]] Tensor fp32(const Label& label, std::int64_t rows, std::int64_t width) const;
  /// [batch, rows, hidden] of one byte an element.
  [[nodiscard]] Tensor mask(const Label& label, std::int64_t rows) const;

  /// Dropout of one place in the model, drawn anew in every micro-batch; none where the job has none.
  [[nodiscard]] kernels::Dropout dropout_at(std::uint64_t where) const;
  void enter(const Instant& instant) const;

 private:
  /// Each sharding shares out what the ones in front of it do.
  [[nodiscard]] bool shards_from(StateSharding least) const {
    return place.state_ranks() > 1 && job.method.sharding >= least;
  }
};

/// Calls `visit(part, position)` for each stretch of consecutive tokens among some rows of the rank's tokens: which of
/// `rows` they are, and where they stand in the sequence.
template <class Visit>
void for_each_stretch(const Run& run, const Rows& rows, const Visit& visit) {
  run.place.tokens.for_each_stretch(rows, [&](const Rows& part, std::int64_t token) {
    visit(part, kernels::Position{token, run.whole_seq()});
  });
}
/// The same of what its products see.
template <class Visit>
void for_each_product_stretch(const Run& run, const Rows& rows, const Visit& visit) {
  run.place.product_tokens.for_each_stretch(rows, [&](const Rows& part, std::int64_t token) {
    visit(part, kernels::Position{token, run.whole_seq()});
  });
}
/// Some rows of a tensor; of none, none.
[[nodiscard]] inline kernels::View some_rows(const kernels::View& view, const Rows& rows) {
  return view ? kernels::rows_of(view, rows.first, rows.count) : view;
}

/// Dropout of rows of the rank's tokens; `out` and `x`, or `mask`, may be empty.
void drop(const Run& run, const kernels::View& out, const kernels::View& mask, const kernels::View& x,
          const kernels::Dropout& dropout, const Rows& rows);
/// Rotary embedding of rows of what its products see, in place, and back.
void rotate(const Run& run, const kernels::View& x, const kernels::Rotary& rotary, const Rows& rows);
void rotate_back(const Run& run, const kernels::View& dx, const kernels::Rotary& rotary, const Rows& rows);

/// Calls `visit` with the blocks of `length` tokens that make up the sequence, the last one shorter if need be.
template <class Visit>
void for_each_block(std::int64_t seq, std::int64_t length, const Visit& visit) {
  for (std::int64_t first = 0; first < seq; first += length) visit(Rows{first, std::min(length, seq - first)});
}

/// Rows of a tensor in compute dtype that is born by the first of its writers.
struct Target {
  Tensor& tensor;
  Label label;
  std::int64_t all_rows = 1;  ///< of the tensor
  std::int64_t width = 1;
  Rows rows;  ///< within the tensor

  /// The rows to write; births the tensor where it does not live yet.
  [[nodiscard]] kernels::View open(const Run& run) const;
};

/// A tensor of its own that spans `rows` rows.
[[nodiscard]] inline Target whole_target(Tensor& tensor, const Label& label, std::int64_t rows, std::int64_t width) {
  return {tensor, label, rows, width, Rows{0, rows}};
}

}  // namespace headroom::measure
