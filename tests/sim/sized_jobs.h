#pragma once

#include <cstdint>

#include <headroom/models/job.h>

namespace headroom::test {

/// A transformer of `layers` equal layers of `kind`: RMSNorm, rotary positions, head and embedding apart.
inline Transformer equal_layers(std::int64_t hidden, std::int64_t vocab, std::int64_t layers, const LayerKind& kind) {
  Transformer model;
  model.name = "equal layers";
  model.hidden = hidden;
  model.vocab = vocab;
  model.kinds = {kind};
  model.layer_runs = {{layers, {0}}};
  return model;
}

/// The shape of GPT: as many key-value heads as query heads, heads * head_dim = hidden, feed-forward 4 * hidden, GELU,
/// LayerNorm; no biases, which hold no activations.
inline Transformer gpt_style(std::int64_t heads, std::int64_t head_dim, std::int64_t vocab, std::int64_t layers) {
  LayerKind kind;
  kind.heads = kind.kv_heads = heads;
  kind.head_dim = head_dim;
  kind.ffn_hidden = 4 * heads * head_dim;
  kind.activation = Activation::gelu;
  Transformer model = equal_layers(heads * head_dim, vocab, layers, kind);
  model.norm = Norm::layernorm;
  return model;
}

/// A method from its parts, every chunk `chunk` tokens long.
inline Method method_of(Attention attention, FeedForward feed_forward, Head head, Tokens chunk) {
  Method method;
  method.name = "test";
  method.attention = attention;
  method.feed_forward = feed_forward;
  method.head = head;
  method.query_chunk = method.kv_chunk = method.ffn_chunk = method.head_chunk = {ChunkRule::tokens, chunk};
  return method;
}

/// A job in pure bf16 with SGD on a device that is only a budget.
inline Job bf16_job(const Transformer& model, const Method& method, const Recompute& recompute) {
  Job job;
  job.model = model;
  job.device = budget_device(Bytes(std::int64_t{1} << 40));
  job.method = method;
  job.recompute = recompute;
  job.precision = Precision::bf16;
  job.optimizer.kind = OptimizerKind::sgd;
  return job;
}

}  // namespace headroom::test
