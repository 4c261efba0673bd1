#include <headroom/models/checked.h>
#include <headroom/models/error.h>
#include <headroom/models/transformer.h>

namespace headroom {
namespace {

std::int64_t sum(std::initializer_list<std::int64_t> terms) {
  std::int64_t total = 0;
  for (const std::int64_t term : terms) total = checked_add(total, term);
  return total;
}

std::int64_t when(bool present, std::int64_t count) { return present ? count : 0; }

/// Weight, and for layernorm a bias.
std::int64_t norm_parameters(const Transformer& model) {
  return model.norm == Norm::layernorm ? checked_mul(2, model.hidden) : model.hidden;
}

std::int64_t attention_parameters(const Transformer& model, const LayerKind& kind) {
  const std::int64_t q = checked_mul(kind.heads, kind.head_dim);
  const std::int64_t k = checked_mul(kind.kv_heads, kind.head_dim);
  const std::int64_t qkv = sum({q, k, k});
  return sum({checked_mul(model.hidden, qkv), when(kind.qkv_bias, qkv), checked_mul(q, model.hidden),
              when(kind.out_bias, model.hidden)});
}

std::int64_t feed_forward_parameters(const Transformer& model, const LayerKind& kind) {
  const std::int64_t into = checked_mul(is_gated(kind.activation) ? 2 : 1, kind.ffn_hidden);
  const std::int64_t weights = checked_mul(model.hidden, checked_add(into, kind.ffn_hidden));
  return sum({weights, when(kind.ffn_bias, checked_add(into, model.hidden))});
}

std::int64_t layer_parameters(const Transformer& model, const LayerKind& kind) {
  const std::int64_t norms = checked_mul(kind.post_norms ? 4 : 2, norm_parameters(model));
  return sum({attention_parameters(model, kind), feed_forward_parameters(model, kind), norms});
}

std::int64_t run_parameters(const Transformer& model, const LayerRun& run) {
  std::int64_t period = 0;
  for (const std::int64_t kind : run.period) {
    period = checked_add(period, layer_parameters(model, model.kinds.at(static_cast<std::size_t>(kind))));
  }
  return checked_mul(run.repeat, period);
}

}  // namespace

std::int64_t layer_count(const Transformer& model) {
  std::int64_t layers = 0;
  for (const LayerRun& run : model.layer_runs) {
    layers = checked_add(layers, checked_mul(run.repeat, static_cast<std::int64_t>(run.period.size())));
  }
  return layers;
}

std::int64_t parameter_count(const Transformer& model) {
  const std::int64_t table = checked_mul(model.vocab, model.hidden);
  std::int64_t count = sum({
      table,
      when(!model.tied_embeddings, table),
      when(model.head_bias, model.vocab),
      model.positions == Positions::learned ? checked_mul(model.max_positions, model.hidden) : 0,
      norm_parameters(model),
  });
  for (const LayerRun& run : model.layer_runs) count = checked_add(count, run_parameters(model, run));
  return count;
}

}  // namespace headroom
