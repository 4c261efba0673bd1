#include "narration/weights.h"

#include <algorithm>

namespace headroom::sim {
namespace {

constexpr const char* kPolicy = "runtime policy: gradients, optimizer";

constexpr Role kEmbedding{"embedding", "v·h#", "Korthikanti et al. 4.3"};
constexpr Role kPositions{"position table", "rows·h#", "GPT-2"};
constexpr Role kNormGain{"norm gain", "h#", kPolicy};
constexpr Role kNormBias{"norm bias", "h#", kPolicy};
constexpr Role kQuery{"W_q", "h·a·d#", kPolicy};
constexpr Role kKey{"W_k", "h·k·d#", kPolicy};
constexpr Role kValue{"W_v", "h·k·d#", kPolicy};
constexpr Role kOutput{"W_o", "a·d·h#", kPolicy};
constexpr Role kGate{"W_gate", "h·f#", kPolicy};
constexpr Role kUp{"W_up", "h·f#", kPolicy};
constexpr Role kDown{"W_down", "f·h#", kPolicy};
constexpr Role kHead{"W_head", "h·v#", kPolicy};
constexpr Role kQueryBias{"b_q", "a·d#", kPolicy};
constexpr Role kKeyBias{"b_k", "k·d#", kPolicy};
constexpr Role kValueBias{"b_v", "k·d#", kPolicy};
constexpr Role kOutputBias{"b_o", "h#", kPolicy};
constexpr Role kGateBias{"b_gate", "f#", kPolicy};
constexpr Role kUpBias{"b_up", "f#", kPolicy};
constexpr Role kDownBias{"b_down", "h#", kPolicy};
constexpr Role kHeadBias{"b_head", "v#", kPolicy};

/// Builds weights of one job: precision and optimizer decide what persists beside each value.
class Builder {
 public:
  /// `parts`: what the rank's part of a size is known by.
  Builder(const Job& job, const Ranks& ranks, const PartSymbols* parts) : job_(job), ranks_(ranks), parts_(parts) {}

  [[nodiscard]] Weight weight(const Role& role, std::int64_t rows, std::int64_t columns) const {
    const DType compute = compute_dtype(job_.precision);
    const DType moments = job_.optimizer.states == StateDType::fp32 ? DType::fp32 : DType::bf16;
    const Shape whole(rows, columns);
    const Shape shard(ranks_.shard(whole.elements));
    const auto tensor = [&](bool is_shard, DType type, Category category) {
      return is_shard ? Tensor(role, {"/Z", parts_}, shard, type, category)
                      : Tensor(role, {"", parts_}, whole, type, category);
    };
    const bool shards_states = ranks_.sharding != StateSharding::none;
    Weight w;
    w.present = true;
    w.has_moments = job_.optimizer.kind == OptimizerKind::adamw;
    w.has_master = job_.precision == Precision::bf16_mixed;
    const bool shards_values = ranks_.sharding == StateSharding::zero3;
    w.value = tensor(shards_values, compute, Category::parameters);
    w.whole = tensor(false, compute, shards_values ? Category::communication : Category::parameters);
    w.gradient = tensor(false, compute, Category::gradients);
    w.gradient_shard = tensor(true, compute, Category::gradients);
    w.received_shard = tensor(true, compute, Category::communication);
    w.host_gradient = tensor(shards_states, compute, Category::gradients);
    w.host_value = tensor(shards_states, compute, Category::parameters);
    w.first_moment = tensor(shards_states, moments, Category::optimizer_state);
    w.second_moment = tensor(shards_states, moments, Category::optimizer_state);
    w.master = tensor(shards_states, DType::fp32, Category::optimizer_state);
    return w;
  }

  /// A weight that `ranks` tensor ranks have, each with a part of its gradient.
  [[nodiscard]] Weight summed(Weight weight, std::int64_t ranks) const {
    weight.sum_ranks = ranks;
    return weight;
  }

  [[nodiscard]] Linear summed(Linear linear, std::int64_t ranks) const {
    return {summed(linear.weight, ranks), summed(linear.bias, ranks)};
  }

  /// One that every tensor rank has whole, whose gradient is that of the rank's tokens.
  [[nodiscard]] Weight of_tokens(const Weight& weight) const {
    return summed(weight, ranks_.splits_tokens ? ranks_.tensor : 1);
  }

  [[nodiscard]] Linear linear(const Role& role, std::int64_t in, std::int64_t out, const Role& bias,
                              bool has_bias) const {
    return {weight(role, in, out), has_bias ? weight(bias, out, 1) : Weight{}};
  }

  [[nodiscard]] NormWeights norm() const {
    const std::int64_t h = job_.model.hidden;
    return {of_tokens(weight(kNormGain, h, 1)),
            job_.model.norm == Norm::layernorm ? of_tokens(weight(kNormBias, h, 1)) : Weight{}};
  }

 private:
  const Job& job_;
  const Ranks& ranks_;
  const PartSymbols* parts_;
};

}  // namespace

void add_weight(WeightGroups& groups, const Weight& weight, const StateKeeping& keeping) {
  for_each_persistent(weight, keeping, [&](const Tensor& t) { groups.persistent.add(t); });
  if (!weight.present) return;
  groups.gradients.add(keeping.gradient(weight));
  groups.whole.add(weight.whole);
  for_each_persistent_on_host(weight, keeping, [&](const Tensor& t) { groups.host.add(t); });
}

LayerWeights layer_weights(const Job& job, const Ranks& ranks, const LayerKind& kind) {
  const LayerPart part(ranks, kind);
  const Builder build(job, ranks, part.symbols);
  const std::int64_t h = job.model.hidden;
  const std::int64_t q = checked_mul(part.heads, kind.head_dim);
  const std::int64_t kv = checked_mul(part.kv_heads, kind.head_dim);
  const std::int64_t f = part.ffn_hidden;
  const std::int64_t sharers = ranks.sharers(kind.kv_heads);
  LayerWeights w;
  w.attention_norm = build.norm();
  w.query = build.linear(kQuery, h, q, kQueryBias, kind.qkv_bias);
  w.key = build.summed(build.linear(kKey, h, kv, kKeyBias, kind.qkv_bias), sharers);
  w.value = build.summed(build.linear(kValue, h, kv, kValueBias, kind.qkv_bias), sharers);
  w.output = build.linear(kOutput, q, h, kOutputBias, kind.out_bias);
  w.ffn_norm = build.norm();
  if (is_gated(kind.activation)) w.gate = build.linear(kGate, h, f, kGateBias, kind.ffn_bias);
  w.up = build.linear(kUp, h, f, kUpBias, kind.ffn_bias);
  w.down = build.linear(kDown, f, h, kDownBias, kind.ffn_bias);
  if (kind.post_norms) {
    w.attention_post_norm = build.norm();
    w.ffn_post_norm = build.norm();
  }
  return w;
}

ModelWeights model_weights(const Job& job, const Ranks& ranks, const Stage& stage) {
  const Builder build(job, ranks, vocabulary_symbols(ranks));
  const Transformer& model = job.model;
  const std::int64_t vocab = vocabulary_part(ranks, model);
  ModelWeights w;
  if (stage.has_embedding() || (stage.has_head() && model.tied_embeddings)) {
    w.embedding = build.weight(kEmbedding, vocab, model.hidden);
  }
  if (!stage.has_head()) return w;
  w.final_norm = build.norm();
  if (!model.tied_embeddings) w.head.weight = build.weight(kHead, model.hidden, vocab);
  if (model.head_bias) w.head.bias = build.weight(kHeadBias, vocab, 1);
  return w;
}

Weight positions_weight(const Job& job, const Ranks& ranks, const Stage& stage, Tokens seq) {
  if (job.model.positions != Positions::learned || !stage.has_embedding()) return {};
  const Builder build(job, ranks, nullptr);
  return build.of_tokens(build.weight(kPositions, std::max(job.model.max_positions, seq.count()), job.model.hidden));
}

}  // namespace headroom::sim
