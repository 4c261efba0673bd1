#include <headroom/models/checked.h>
#include <headroom/models/error.h>
#include <headroom/models/transformer.h>

namespace headroom {
namespace {

/// Of the routed experts of a layer: all, or those that one token passes.
enum class Counted : std::uint8_t { all, active };

std::int64_t sum(std::initializer_list<std::int64_t> terms) {
  std::int64_t total = 0;
  for (const std::int64_t term : terms) total = checked_add(total, term);
  return total;
}

std::int64_t when(bool present, std::int64_t count) { return present ? count : 0; }

/// Weight, and for layernorm a bias.
std::int64_t norm_parameters(const Transformer& model, std::int64_t width) {
  return model.norm == Norm::layernorm ? checked_mul(2, width) : width;
}

std::int64_t projection_parameters(const Transformer& model, const LayerKind& kind) {
  const std::int64_t q = checked_mul(kind.heads, kind.head_dim);
  const std::int64_t k = checked_mul(kind.kv_heads, kind.head_dim);
  const std::int64_t qkv = sum({q, k, k});
  return sum({checked_mul(model.hidden, qkv), when(kind.qkv_bias, qkv)});
}

/// Down to the latent, its norm, and up to the heads.
std::int64_t latent_parameters(const Transformer& model, std::int64_t rank, std::int64_t up) {
  return sum({checked_mul(model.hidden, rank), norm_parameters(model, rank), checked_mul(rank, up)});
}

std::int64_t projection_parameters(const Transformer& model, const LayerKind& kind, const LatentAttention& latent) {
  const std::int64_t q = checked_mul(kind.heads, kind.head_dim);
  const std::int64_t nope = checked_sub(kind.head_dim, latent.rope_head_dim);
  const std::int64_t kv = checked_mul(kind.heads, checked_add(nope, latent.value_head_dim));
  return sum({latent.query_rank ? latent_parameters(model, *latent.query_rank, q) : checked_mul(model.hidden, q),
              latent_parameters(model, latent.kv_rank, kv), checked_mul(model.hidden, latent.rope_head_dim)});
}

std::int64_t attention_parameters(const Transformer& model, const LayerKind& kind) {
  const std::int64_t projections =
      kind.latent ? projection_parameters(model, kind, *kind.latent) : projection_parameters(model, kind);
  const std::int64_t o = checked_mul(kind.heads, kind.latent ? kind.latent->value_head_dim : kind.head_dim);
  return sum({projections, checked_mul(o, model.hidden), when(kind.out_bias, model.hidden),
              when(kind.qk_norm, checked_mul(2, norm_parameters(model, kind.head_dim)))});
}

std::int64_t feed_forward_parameters(const Transformer& model, const LayerKind& kind, std::int64_t width) {
  const std::int64_t into = checked_mul(is_gated(kind.activation) ? 2 : 1, width);
  const std::int64_t weights = checked_mul(model.hidden, checked_add(into, width));
  return sum({weights, when(kind.ffn_bias, checked_add(into, model.hidden))});
}

std::int64_t expert_parameters(const Transformer& model, const LayerKind& kind, const Experts& experts,
                               Counted counted) {
  const std::int64_t routed = counted == Counted::all ? experts.count : experts.per_token;
  return sum({checked_mul(routed, feed_forward_parameters(model, kind, kind.ffn_hidden)),
              checked_mul(model.hidden, experts.count), when(experts.router_bias, experts.count),
              experts.shared_hidden ? feed_forward_parameters(model, kind, *experts.shared_hidden) : 0,
              when(experts.shared_gate, model.hidden)});
}

std::int64_t layer_parameters(const Transformer& model, const LayerKind& kind, Counted counted) {
  const std::int64_t norms = (kind.residual == Residual::parallel_shared_norm ? 1 : 2) + (kind.post_norms ? 2 : 0);
  const std::int64_t feed_forward = kind.experts ? expert_parameters(model, kind, *kind.experts, counted)
                                                 : feed_forward_parameters(model, kind, kind.ffn_hidden);
  return sum(
      {attention_parameters(model, kind), feed_forward, checked_mul(norms, norm_parameters(model, model.hidden))});
}

std::int64_t run_parameters(const Transformer& model, const LayerRun& run, Counted counted) {
  std::int64_t period = 0;
  for (const std::int64_t kind : run.period) {
    period = checked_add(period, layer_parameters(model, model.kinds.at(static_cast<std::size_t>(kind)), counted));
  }
  return checked_mul(run.repeat, period);
}

/// Embedding, position table, head and what stands between them and the layers.
std::int64_t outer_parameters(const Transformer& model) {
  const std::int64_t width = model.embedding_width.value_or(model.hidden);
  const std::int64_t table = checked_mul(model.vocab, width);
  return sum({
      table,
      when(!model.tied_embeddings, table),
      when(model.head_bias, model.vocab),
      model.embedding_width ? checked_mul(2, checked_mul(width, model.hidden)) : 0,
      model.positions == Positions::learned ? checked_mul(model.max_positions, model.hidden) : 0,
      when(model.final_norm, norm_parameters(model, model.hidden)),
  });
}

std::int64_t count(const Transformer& model, Counted counted) {
  std::int64_t total = outer_parameters(model);
  for (const LayerRun& run : model.layer_runs) total = checked_add(total, run_parameters(model, run, counted));
  return total;
}

}  // namespace

std::int64_t layer_count(const Transformer& model) {
  std::int64_t layers = 0;
  for (const LayerRun& run : model.layer_runs) {
    layers = checked_add(layers, checked_mul(run.repeat, static_cast<std::int64_t>(run.period.size())));
  }
  return layers;
}

std::int64_t parameter_count(const Transformer& model) { return count(model, Counted::all); }

std::int64_t active_parameter_count(const Transformer& model) { return count(model, Counted::active); }

}  // namespace headroom
