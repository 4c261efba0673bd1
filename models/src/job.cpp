#include <headroom/models/checked.h>
#include <headroom/models/read.h>

#include "files.h"
#include "json_text.h"
#include "schema.h"

namespace headroom {
namespace {

template <class T>
std::string to_text(const T& value) {
  constexpr int kIndent = 2;
  return write_value(value).dump(kIndent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void refuse_count(const std::string& origin, std::string_view key, std::int64_t count) {
  if (count >= 1 && count <= kMaxSize) return;
  throw InputError(fmt::format("{}: {} must be between 1 and 2^40, not {}", origin, key, count));
}

}  // namespace

std::int64_t state_ranks(const Degrees& degrees) { return checked_mul(degrees.data, degrees.sequence); }

std::int64_t rank_count(const Degrees& degrees) {
  return checked_mul(checked_mul(state_ranks(degrees), degrees.tensor), degrees.pipeline);
}

DType cache_dtype(const Job& job) {
  switch (job.inference.cache) {
    case CacheType::compute: return compute_dtype(job.precision);
    case CacheType::fp32: return DType::fp32;
    case CacheType::bf16: return DType::bf16;
    case CacheType::fp8: return DType::fp8;
  }
  return compute_dtype(job.precision);
}

bool has_optimizer_states(const Job& job) {
  const Optimizer& optimizer = job.optimizer;
  const bool is_plain = optimizer.kind == OptimizerKind::sgd && optimizer.momentum == Momentum::none;
  return !is_plain || job.precision == Precision::bf16_mixed;
}

bool uses_host(const Method& method) {
  return method.offload_checkpoints || method.offload_optimizer || method.offload_parameters ||
         method.sequence == SequenceDistribution::fpdt;
}

std::int64_t token_runs(const Job& job) {
  return job.method.sequence == SequenceDistribution::megatron_sp ? job.degrees.tensor : job.degrees.sequence;
}

Read<Job> parse_job(std::string_view text, const std::string& origin) {
  Job job;
  read_object(parse_json_text(text, origin), Place{origin, {}}, job);
  refuse_count(origin, "batch", job.batch);
  refuse_count(origin, "data_parallel", job.degrees.data);
  refuse_count(origin, "sequence_parallel", job.degrees.sequence);
  refuse_count(origin, "tensor_parallel", job.degrees.tensor);
  refuse_count(origin, "pipeline_parallel", job.degrees.pipeline);
  refuse_count(origin, "model_chunks", job.model_chunks);
  refuse_count(origin, "micro_batches", job.micro_batches);
  refuse_count(origin, "ulysses_parallel", job.degrees.ulysses);
  refuse_count(origin, "nodes", job.nodes);
  refuse_count(origin, "prefill_batch", job.inference.prefill_batch);
  if (job.host_memory && *job.host_memory < 1_B) {
    throw InputError(
        fmt::format("{}: host_memory must be a positive number of bytes, not {}", origin, job.host_memory->count()));
  }
  return {std::move(job), {}};
}

Read<Job> read_job(const std::string& path) { return parse_job(read_text_file(path), path); }

std::string job_to_json(const Job& job) { return to_text(job); }
std::string device_to_json(const Device& device) { return to_text(device); }

}  // namespace headroom
