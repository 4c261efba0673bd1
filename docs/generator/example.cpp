#include "example.h"

#include <headroom/models/presets.h>

namespace headroom::docs {
namespace {

Job common(std::string_view method) {
  Job job;
  job.model.hidden = 2048;
  job.model.vocab = 32000;
  job.model.layer_runs = {{4, {0}}};
  job.device = budget_device(Bytes(std::int64_t{1} << 40));
  job.method = method_preset(method).method;
  job.precision = Precision::bf16;
  job.optimizer.states = StateDType::bf16;
  job.seq = kExampleTokens;
  job.degrees = degrees_of(job.method, 4);
  if (job.method.sequence == SequenceDistribution::fpdt) job.method.query_chunk.tokens = Tokens(2048);
  return job;
}

}  // namespace

Degrees degrees_of(const Method& method, std::int64_t ranks) {
  if (method.sequence == SequenceDistribution::none) return {};
  if (method.sequence == SequenceDistribution::megatron_sp) return {.tensor = ranks};
  return {.sequence = ranks, .ulysses = ranks / 2};
}

Job llama_example(std::string_view method) {
  Job job = common(method);
  job.model.name = "llama-style";
  LayerKind kind;
  kind.heads = 16;
  kind.kv_heads = 4;
  kind.head_dim = 128;
  kind.ffn_hidden = 5632;
  kind.activation = Activation::swiglu;
  job.model.kinds = {kind};
  return job;
}

Job gpt_example(std::string_view method) {
  Job job = common(method);
  job.model.name = "gpt-style";
  job.model.norm = Norm::layernorm;
  job.model.positions = Positions::learned;
  job.model.max_positions = kExampleTokens.count();
  LayerKind kind;
  kind.heads = kind.kv_heads = 16;
  kind.head_dim = 128;
  kind.ffn_hidden = 8192;
  kind.activation = Activation::gelu;
  kind.qkv_bias = kind.out_bias = kind.ffn_bias = true;
  job.model.kinds = {kind};
  return job;
}

}  // namespace headroom::docs
