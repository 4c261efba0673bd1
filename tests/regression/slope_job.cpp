#include "slope_job.h"

namespace headroom::test {

Job slope_job(Attention attention, FeedForward feed_forward, const SlopeSizes& sizes) {
  Job job;
  LayerKind kind;
  kind.heads = kind.kv_heads = sizes.heads;
  kind.head_dim = 128;
  job.model.hidden = sizes.heads * kind.head_dim;
  kind.ffn_hidden = 4 * job.model.hidden;
  kind.activation = Activation::gelu;
  job.model.name = "slopes";
  job.model.vocab = 2;
  job.model.norm = Norm::layernorm;
  job.model.kinds = {kind};
  job.model.layer_runs = {{sizes.layers, {0}}};
  job.device = budget_device(Bytes(std::int64_t{1} << 50));
  const Chunk chunk{ChunkRule::tokens, Tokens(sizes.chunk)};
  job.method = {"slopes", attention, feed_forward, Head::chunked, KeyValues::kept, chunk, chunk, chunk, chunk};
  job.precision = Precision::bf16;
  job.optimizer.kind = OptimizerKind::sgd;
  return job;
}

}  // namespace headroom::test
