#include "run.h"

#include <headroom/measure/optimizer_states.h>

namespace headroom::measure {

using kernels::View;

namespace {

/// Mixes counters into a seed that is like no other.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t counter) {
  const std::uint64_t high = kernels::random_bits(seed, 2 * counter);
  return high << 32U | kernels::random_bits(seed, 2 * counter + 1);
}

}  // namespace

Tensor Run::activation(const Label& label, std::int64_t rows, std::int64_t width) const {
  return memory.tensor(label, compute, {batch(), rows, width});
}

Tensor Run::fp32(const Label& label, std::int64_t rows, std::int64_t width) const {
  return memory.tensor(label, kernels::Type::fp32, {batch(), rows, width});
}

Tensor Run::mask(const Label& label, std::int64_t rows) const {
  return memory.tensor(label, kernels::Type::uint8, {batch(), rows, hidden()});
}

kernels::Dropout Run::dropout_at(std::uint64_t where) const {
  if (!job.dropout) return {};
  const std::int64_t batches = step * micro_batches() + micro_batch;
  const auto draw = static_cast<std::uint64_t>(batches * place.data_ranks + place.data_rank);
  return {training.dropout, mixed(mixed(training.seed, draw), where)};
}

bool offloads_states(const Job& job) {
  return job.method.offload_optimizer && (has_states(job.optimizer) || job.precision == Precision::bf16_mixed);
}

bool updates_on_host(const Job& job) { return offloads_states(job) || job.method.offload_parameters; }

void drop(const Run& run, const View& out, const View& mask, const View& x, const kernels::Dropout& dropout,
          const Rows& rows) {
  for_each_stretch(run, rows, [&](const Rows& part, const kernels::Position& position) {
    run.backend.dropout(some_rows(out, part), some_rows(mask, part), some_rows(x, part), dropout, position);
  });
}

void rotate(const Run& run, const View& x, const kernels::Rotary& rotary, const Rows& rows) {
  for_each_product_stretch(run, rows, [&](const Rows& part, const kernels::Position& position) {
    run.backend.rope(some_rows(x, part), rotary, position);
  });
}

void rotate_back(const Run& run, const View& dx, const kernels::Rotary& rotary, const Rows& rows) {
  for_each_product_stretch(run, rows, [&](const Rows& part, const kernels::Position& position) {
    run.backend.rope_backward(some_rows(dx, part), rotary, position);
  });
}

void Run::enter(const Instant& instant) const {
  if (host) host->memory.ledger().set_instant(instant);
  memory.ledger().set_instant(instant);
  observer.enters(instant);
}

kernels::View Target::open(const Run& run) const {
  if (!tensor) tensor = run.activation(label, all_rows, width);
  return tensor.rows(rows);
}

}  // namespace headroom::measure
