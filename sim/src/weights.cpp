#include "narration/weights.h"

#include <algorithm>
#include <utility>

#include <headroom/models/checked.h>

namespace headroom::sim {
namespace {

constexpr const char* kPolicy = "runtime policy: gradients, optimizer";

/// Block-wise quantisation, Dettmers et al. (arXiv 2110.02861 section 2), as bitsandbytes sets it.
constexpr std::int64_t kScaledTogether = 256;
constexpr std::int64_t kFewestOf8Bits = 4096;

DType moment_dtype(StateDType type) {
  switch (type) {
    case StateDType::fp32: return DType::fp32;
    case StateDType::bf16: return DType::bf16;
    case StateDType::int8: return DType::uint8;
  }
  return DType::fp32;
}

constexpr Role kScales{"scales of a moment", "elements/256", "Dettmers et al., arXiv 2110.02861 section 2"};
constexpr Role kRowAverages{"row averages", "rows", "Shazeer & Stern, arXiv 1804.04235 section 3"};
constexpr Role kColumnAverages{"column averages", "columns", "Shazeer & Stern, arXiv 1804.04235 section 3"};
constexpr Role kEmbedding{"embedding", "v·h#", "Korthikanti et al. 4.3"};
constexpr Role kPositions{"position table", "rows·h#", "GPT-2"};
constexpr Role kNormGain{"norm gain", "h#", kPolicy};
constexpr Role kNormBias{"norm bias", "h#", kPolicy};
constexpr Role kQuery{"W_q", "h·a·d#", kPolicy};
constexpr Role kKey{"W_k", "h·k·d#", kPolicy};
constexpr Role kValue{"W_v", "h·k·d#", kPolicy};
constexpr Role kHeadNormGain{"norm gain of heads", "d#", kPolicy};
constexpr Role kHeadNormBias{"norm bias of heads", "d#", kPolicy};
constexpr Role kQueryDown{"W_dq", "h·d_c'#", kPolicy};
constexpr Role kQueryUp{"W_uq", "d_c'·a·d#", kPolicy};
constexpr Role kLatentDown{"W_dkv", "h·d_c#", kPolicy};
constexpr Role kRopeKey{"W_kr", "h·r#", kPolicy};
constexpr Role kKeyUp{"W_uk", "d_c·a·(d-r)#", kPolicy};
constexpr Role kValueUp{"W_uv", "d_c·a·e#", kPolicy};
constexpr Role kNarrowOutput{"W_o", "a·e·h#", kPolicy};
constexpr Role kLatentNormGain{"norm gain of a latent", "d_c#", kPolicy};
constexpr Role kLatentNormBias{"norm bias of a latent", "d_c#", kPolicy};
constexpr Role kOutput{"W_o", "a·d·h#", kPolicy};
constexpr Role kGate{"W_gate", "h·f#", kPolicy};
constexpr Role kUp{"W_up", "h·f#", kPolicy};
constexpr Role kDown{"W_down", "f·h#", kPolicy};
constexpr Role kRouter{"W_r", "h·E#", kPolicy};
constexpr Role kCorrection{"router's correction", "E#", kPolicy};
constexpr Role kExpertGate{"experts' W_gate", "E·h·f#", kPolicy};
constexpr Role kExpertUp{"experts' W_up", "E·h·f#", kPolicy};
constexpr Role kExpertDown{"experts' W_down", "E·f·h#", kPolicy};
constexpr Role kExpertGateBias{"experts' b_gate", "E·f#", kPolicy};
constexpr Role kExpertUpBias{"experts' b_up", "E·f#", kPolicy};
constexpr Role kExpertDownBias{"experts' b_down", "E·h#", kPolicy};
constexpr Role kSharedGate{"shared W_gate", "h·F#", kPolicy};
constexpr Role kSharedUp{"shared W_up", "h·F#", kPolicy};
constexpr Role kSharedDown{"shared W_down", "F·h#", kPolicy};
constexpr Role kSharedGateBias{"shared b_gate", "F#", kPolicy};
constexpr Role kSharedUpBias{"shared b_up", "F#", kPolicy};
constexpr Role kSharedDownBias{"shared b_down", "h#", kPolicy};
constexpr Role kSharedExpertGate{"shared expert's gate", "h#", kPolicy};
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

  /// Of the embedding or of positions.
  [[nodiscard]] Weight table(const Role& role, std::int64_t rows, std::int64_t columns) const {
    return weight(role, Shape(rows, columns), Form::table);
  }
  /// Of a product.
  [[nodiscard]] Weight matrix(const Role& role, std::int64_t rows, std::int64_t columns) const {
    return weight(role, Shape(rows, columns), Form::matrix);
  }
  /// Of a norm, or a bias.
  [[nodiscard]] Weight vector(const Role& role, std::int64_t length) const {
    return weight(role, Shape(length, 1), Form::vector);
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
    return {matrix(role, in, out), has_bias ? vector(bias, out) : Weight{}};
  }

  [[nodiscard]] NormWeights norm() const {
    const std::int64_t h = job_.model.hidden;
    return {of_tokens(vector(kNormGain, h)), has_norm_bias() ? of_tokens(vector(kNormBias, h)) : Weight{}};
  }

  /// Of what a tensor rank has a part of, or reads in part: heads, latents.
  [[nodiscard]] NormWeights inner_norm(const Role& gain, const Role& bias, std::int64_t width) const {
    return {of_parts(vector(gain, width)), has_norm_bias() ? of_parts(vector(bias, width)) : Weight{}};
  }

  /// One that every tensor rank has whole, whose gradient comes from the rank's part of what it is for.
  [[nodiscard]] Weight of_parts(const Weight& weight) const { return summed(weight, ranks_.tensor); }

  /// The projections of a feed-forward, of all `experts` where it has some.
  struct Projections {
    Linear &gate, &up, &down;
  };
  struct ProjectionRoles {
    const Role &gate, &up, &down, &gate_bias, &up_bias, &down_bias;
  };
  void add_feed_forward(const Projections& w, const ProjectionRoles& roles, const LayerKind& kind, std::int64_t width,
                        std::int64_t experts = 1) const {
    const std::int64_t in = checked_mul(experts, job_.model.hidden);
    const std::int64_t inner = checked_mul(experts, width);
    const auto linear = [&](const Role& role, std::int64_t rows, std::int64_t columns, const Role& bias) {
      return Linear{matrix(role, rows, columns),
                    kind.ffn_bias ? vector(bias, checked_mul(experts, columns)) : Weight{}};
    };
    if (is_gated(kind.activation)) w.gate = linear(roles.gate, in, width, roles.gate_bias);
    w.up = linear(roles.up, in, width, roles.up_bias);
    w.down = linear(roles.down, inner, job_.model.hidden, roles.down_bias);
  }

 private:
  [[nodiscard]] bool has_norm_bias() const { return job_.model.norm == Norm::layernorm; }

  /// What an optimizer tells apart.
  enum class Form : std::uint8_t { table, matrix, vector };

  [[nodiscard]] Weight weight(const Role& role, const Shape& whole, Form form) const {
    const DType compute = compute_dtype(job_.precision);
    const bool shards_values = ranks_.sharding == StateSharding::zero3;
    const bool shards_states = ranks_.sharding != StateSharding::none;
    const auto tensor = [&](bool is_shard, Category category) {
      return is_shard ? Tensor(role, {"/Z", parts_}, shard(whole), compute, category)
                      : Tensor(role, {"", parts_}, whole, compute, category);
    };
    Weight w;
    w.present = true;
    w.value = tensor(shards_values, Category::parameters);
    w.whole = tensor(false, shards_values ? Category::communication : Category::parameters);
    w.gradient = tensor(false, Category::gradients);
    w.gradient_shard = tensor(true, Category::gradients);
    w.received_shard = tensor(true, Category::communication);
    w.host_gradient = tensor(shards_states, Category::gradients);
    w.host_value = tensor(shards_states, Category::parameters);
    add_states(w.states, role, whole, form);
    return w;
  }

  [[nodiscard]] Shape shard(const Shape& whole) const { return Shape(ranks_.shard(whole.elements)); }

  void add_states(OptimizerStates& states, const Role& role, const Shape& whole, Form form) const {
    const bool is_shard = ranks_.sharding != StateSharding::none;
    const Like like{role, {is_shard ? "/Z" : "", parts_}, is_shard ? shard(whole) : whole};
    switch (job_.optimizer.kind) {
      case OptimizerKind::adamw: add_moments(states, like, form); break;
      case OptimizerKind::adafactor:
        add_momentum(states, like);
        add_second_moment(states, like, form);
        break;
      case OptimizerKind::sgd: add_momentum(states, like); break;
    }
    if (job_.precision == Precision::bf16_mixed) states.add(like.of(DType::fp32));
  }

  /// A parameter, or the shard of one.
  struct Like {
    const Role& role;
    Symbols symbols;
    Shape shape;

    [[nodiscard]] Tensor of(DType type) const { return {role, symbols, shape, type, Category::optimizer_state}; }
  };

  /// Two of them; in 8 bits each with its scales, where that is worth it.
  void add_moments(OptimizerStates& states, const Like& like, Form form) const {
    const bool is_precise = form == Form::table || like.shape.elements < kFewestOf8Bits;
    const StateDType type =
        job_.optimizer.states == StateDType::int8 && is_precise ? StateDType::fp32 : job_.optimizer.states;
    for (int moment = 0; moment < 2; ++moment) {
      states.add(like.of(moment_dtype(type)));
      if (type != StateDType::int8) continue;
      const Shape scales(ceil_div(like.shape.elements, kScaledTogether));
      states.add({kScales, like.symbols, scales, DType::fp32, Category::optimizer_state});
    }
  }

  void add_momentum(OptimizerStates& states, const Like& like) const {
    const Momentum momentum = job_.optimizer.momentum;
    if (momentum != Momentum::none) states.add(like.of(momentum == Momentum::fp32 ? DType::fp32 : DType::bf16));
  }

  void add_second_moment(OptimizerStates& states, const Like& like, Form form) const {
    if (!job_.optimizer.factored || form == Form::vector) return states.add(like.of(DType::fp32));
    for (const auto& [role, axis] : {std::pair(&kRowAverages, 0), {&kColumnAverages, 1}}) {
      const Shape averages(like.shape.dims[static_cast<std::size_t>(axis)]);
      states.add({*role, like.symbols, averages, DType::fp32, Category::optimizer_state});
    }
  }

  const Job& job_;
  const Ranks& ranks_;
  const PartSymbols* parts_;
};

void add_projections(LayerWeights& w, const Builder& build, std::int64_t h, const LayerKind& kind,
                     const LayerPart& part, std::int64_t sharers) {
  const std::int64_t q = checked_mul(part.heads, kind.head_dim);
  const std::int64_t kv = checked_mul(part.kv_heads, kind.head_dim);
  w.query = build.linear(kQuery, h, q, kQueryBias, kind.qkv_bias);
  w.key = build.summed(build.linear(kKey, h, kv, kKeyBias, kind.qkv_bias), sharers);
  w.value = build.summed(build.linear(kValue, h, kv, kValueBias, kind.qkv_bias), sharers);
  w.output = build.linear(kOutput, q, h, kOutputBias, kind.out_bias);
}

/// A rank has its heads' columns of what leads from the latents; what leads to them is whole on every rank.
void add_latent_projections(LayerWeights& w, const Builder& build, std::int64_t h, const LayerKind& kind,
                            std::int64_t heads) {
  const LatentAttention& latent = *kind.latent;
  const std::int64_t q = checked_mul(heads, kind.head_dim), values = checked_mul(heads, latent.value_head_dim);
  const auto whole = [&](const Role& role, std::int64_t width) {
    return Linear{build.of_parts(build.matrix(role, h, width)), {}};
  };
  if (latent.query_rank) {
    w.query_down = whole(kQueryDown, *latent.query_rank);
    w.query_latent_norm = build.inner_norm(kLatentNormGain, kLatentNormBias, *latent.query_rank);
  }
  w.query = {latent.query_rank ? build.matrix(kQueryUp, *latent.query_rank, q) : build.matrix(kQuery, h, q), {}};
  w.latent_down = whole(kLatentDown, latent.kv_rank);
  w.latent_norm = build.inner_norm(kLatentNormGain, kLatentNormBias, latent.kv_rank);
  w.rope_key = whole(kRopeKey, latent.rope_head_dim);
  w.key = {build.matrix(kKeyUp, latent.kv_rank, checked_mul(heads, kind.head_dim - latent.rope_head_dim)), {}};
  w.value = {build.matrix(kValueUp, latent.kv_rank, values), {}};
  w.output = build.linear(kNarrowOutput, values, h, kOutputBias, kind.out_bias);
}

void add_experts(LayerWeights& w, const Builder& build, const Job& job, const LayerKind& kind, const LayerPart& part) {
  const Experts& experts = *kind.experts;
  w.router = build.linear(kRouter, job.model.hidden, experts.count, kCorrection, experts.router_bias);
  w.router.weight = build.of_parts(w.router.weight);
  build.add_feed_forward({w.gate, w.up, w.down},
                         {kExpertGate, kExpertUp, kExpertDown, kExpertGateBias, kExpertUpBias, kExpertDownBias}, kind,
                         part.ffn_hidden, experts.count);
  if (!experts.shared_hidden) return;
  build.add_feed_forward({w.shared_gate, w.shared_up, w.shared_down},
                         {kSharedGate, kSharedUp, kSharedDown, kSharedGateBias, kSharedUpBias, kSharedDownBias}, kind,
                         part.shared_hidden);
  if (experts.shared_gate) w.shared_expert_gate = build.of_parts(build.matrix(kSharedExpertGate, job.model.hidden, 1));
}

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
  LayerWeights w;
  w.attention_norm = build.norm();
  if (kind.latent) {
    add_latent_projections(w, build, h, kind, part.heads);
  } else {
    add_projections(w, build, h, kind, part, ranks.sharers(kind.kv_heads));
  }
  if (kind.qk_norm) w.query_norm = w.key_norm = build.inner_norm(kHeadNormGain, kHeadNormBias, kind.head_dim);
  if (kind.residual != Residual::parallel_shared_norm) w.ffn_norm = build.norm();
  if (kind.experts) {
    add_experts(w, build, job, kind, part);
  } else {
    build.add_feed_forward({w.gate, w.up, w.down}, {kGate, kUp, kDown, kGateBias, kUpBias, kDownBias}, kind,
                           part.ffn_hidden);
  }
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
    w.embedding = build.table(kEmbedding, vocab, model.hidden);
  }
  if (!stage.has_head()) return w;
  w.final_norm = build.norm();
  if (!model.tied_embeddings) w.head.weight = build.matrix(kHead, model.hidden, vocab);
  if (model.head_bias) w.head.bias = build.vector(kHeadBias, vocab);
  return w;
}

Weight positions_weight(const Job& job, const Ranks& ranks, const Stage& stage, Tokens seq) {
  if (job.model.positions != Positions::learned || !stage.has_embedding()) return {};
  const Builder build(job, ranks, nullptr);
  return build.of_tokens(build.table(kPositions, std::max(job.model.max_positions, seq.count()), job.model.hidden));
}

}  // namespace headroom::sim
