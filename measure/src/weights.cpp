#include <headroom/measure/weights.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <headroom/measure/communicator.h>
#include <headroom/models/checked.h>

namespace headroom::measure {
namespace {

constexpr float kVectorSpread = 0.1F;

struct Names {
  std::string_view weight;
  std::string_view bias;
};

/// Unit variance in, unit variance out.
float spread_for(std::int64_t inputs) { return std::sqrt(3.0F / static_cast<float>(inputs)); }

Parameter matrix(std::string_view kind, std::optional<std::int64_t> layer, std::int64_t rows, std::int64_t width,
                 std::int64_t inputs) {
  Parameter parameter;
  parameter.kind = kind;
  parameter.layer = layer;
  parameter.rows = rows;
  parameter.width = width;
  parameter.whole = {rows, width};
  parameter.initial = {0, spread_for(inputs)};
  return parameter;
}

Parameter vector(std::string_view kind, std::optional<std::int64_t> layer, std::int64_t width, float base) {
  Parameter parameter = matrix(kind, layer, 1, width, 1);
  parameter.form = Form::vector;
  parameter.initial = {base, kVectorSpread};
  return parameter;
}

Parameter table(std::string_view kind, std::int64_t rows, std::int64_t width) {
  Parameter parameter = matrix(kind, {}, rows, width, width);
  parameter.form = Form::table;
  return parameter;
}

/// Some rows or columns of a whole matrix.
struct Cut {
  std::int64_t first = 0;
  std::int64_t count = 1;
};

void cut_rows(Parameter& parameter, const Cut& rows) {
  parameter.rows = rows.count * parameter.matrices;
  parameter.whole.first_row = rows.first;
}

void cut_columns(Parameter& parameter, const Cut& columns) {
  parameter.width = columns.count;
  parameter.whole.first_column = columns.first;
}

void cut_columns(Linear& linear, const Cut& columns) {
  cut_columns(linear.weight, columns);
  if (linear.bias) cut_columns(*linear.bias, columns);
}

void sum_gradients(NormWeights& norm, std::int64_t ranks) {
  norm.gain.summed_ranks = ranks;
  if (norm.bias) norm.bias->summed_ranks = ranks;
}

void sum_gradients(Linear& linear, std::int64_t ranks) {
  linear.weight.summed_ranks = ranks;
  if (linear.bias) linear.bias->summed_ranks = ranks;
}

/// Leaves of a feed-forward's matrices those columns and rows of its width.
void cut_width(std::optional<Linear>& gate, Linear& up, Linear& down, const Cut& width) {
  if (gate) cut_columns(*gate, width);
  cut_columns(up, width);
  cut_rows(down.weight, width);
}

/// Router and gate are whole, and their gradients parts of a sum.
void share_out(ExpertsWeights& weights, std::int64_t ranks, const Cut& shared_width) {
  weights.router.summed_ranks = ranks;
  if (!weights.shared) return;
  cut_width(weights.shared->gate, weights.shared->up, weights.shared->down, shared_width);
  if (weights.shared->output_gate) weights.shared->output_gate->summed_ranks = ranks;
}

void sum_gradients(NormedLinear& latent, std::int64_t ranks) {
  sum_gradients(latent.linear, ranks);
  sum_gradients(latent.norm, ranks);
}

/// What leads to the latents is whole, and its gradients parts of a sum.
void share_out(LatentWeights& weights, std::int64_t ranks) {
  if (weights.query) sum_gradients(*weights.query, ranks);
  sum_gradients(weights.key_value, ranks);
  sum_gradients(weights.rope_key, ranks);
}

/// Elements of all heads of keys, of values, and of what the output product reads.
struct HeadWidths {
  std::int64_t key, value, output;
};

HeadWidths head_widths(const LayerKind& kind) {
  const std::int64_t key_values = checked_mul(kind.kv_heads, kind.head_dim);
  if (!kind.latent) return {key_values, key_values, checked_mul(kind.heads, kind.head_dim)};
  const std::int64_t values = checked_mul(kind.heads, kind.latent->value_head_dim);
  return {checked_mul(kind.heads, kind.head_dim - kind.latent->rope_head_dim), values, values};
}

/// Leaves of a layer's matrices what a tensor rank has.
void share_out(LayerWeights& weights, const LayerKind& kind, const TensorShare& share) {
  const auto part = [&share](std::int64_t elements) {
    return Cut{share.rank * elements / share.ranks, elements / share.ranks};
  };
  const HeadWidths widths = head_widths(kind);
  const Cut width = part(kind.ffn_hidden);
  // Where key heads are fewer than ranks, each has the one that its query heads read.
  const std::int64_t copies = std::max<std::int64_t>(share.ranks / kind.kv_heads, 1);
  const auto of_key_heads = [&](std::int64_t elements) {
    const std::int64_t count = elements * copies / share.ranks;
    return Cut{share.rank / copies * count, count};
  };
  cut_columns(weights.query, part(kind.heads * kind.head_dim));
  cut_columns(weights.key, of_key_heads(widths.key));
  cut_columns(weights.value, of_key_heads(widths.value));
  for (Linear* linear : {&weights.key, &weights.value}) sum_gradients(*linear, copies);
  if (weights.latent) share_out(*weights.latent, share.ranks);
  for (auto* norm : {&weights.query_norm, &weights.key_norm}) {
    if (*norm) sum_gradients(**norm, share.ranks);
  }
  cut_rows(weights.output.weight, part(widths.output));
  cut_width(weights.gate, weights.up, weights.down, width);
  if (kind.experts) share_out(*weights.experts, share.ranks, part(kind.experts->shared_hidden.value_or(0)));
}

/// Describes the parameters of one layer of the whole model.
class LayerOf {
 public:
  LayerOf(const Transformer& model, const LayerKind& kind, std::int64_t layer)
      : model_(model), kind_(kind), layer_(layer) {}

  [[nodiscard]] LayerWeights weights() const {
    const std::int64_t h = model_.hidden, f = kind_.ffn_hidden;
    LayerWeights weights;
    weights.attention_norm = norm({"attention norm gain", "attention norm bias"});
    add_projections(weights, head_widths(kind_));
    weights.query_norm = head_norm({"query norm gain", "query norm bias"});
    weights.key_norm = head_norm({"key norm gain", "key norm bias"});
    weights.output = last_linear({"W_o", "b_o"}, head_widths(kind_).output, kind_.out_bias);
    weights.attention_post_norm = post_norm({"attention post-norm gain", "attention post-norm bias"});
    if (kind_.residual != Residual::parallel_shared_norm) {
      weights.feed_forward_norm = norm({"feed-forward norm gain", "feed-forward norm bias"});
    }
    if (is_gated(kind_.activation)) weights.gate = linear({"W_gate", "b_gate"}, h, f, kind_.ffn_bias);
    weights.up = linear({"W_up", "b_up"}, h, f, kind_.ffn_bias);
    weights.down = last_linear({"W_down", "b_down"}, f, kind_.ffn_bias);
    if (kind_.experts) add_experts(weights, *kind_.experts);
    weights.feed_forward_post_norm = post_norm({"feed-forward post-norm gain", "feed-forward post-norm bias"});
    return weights;
  }

 private:
  void add_projections(LayerWeights& weights, const HeadWidths& widths) const {
    const std::int64_t h = model_.hidden, q = checked_mul(kind_.heads, kind_.head_dim);
    if (kind_.latent) return add_latent_projections(weights, widths, *kind_.latent);
    weights.query = linear({"W_q", "b_q"}, h, q, kind_.qkv_bias);
    weights.key = linear({"W_k", "b_k"}, h, widths.key, kind_.qkv_bias);
    weights.value = linear({"W_v", "b_v"}, h, widths.value, kind_.qkv_bias);
  }
  void add_latent_projections(LayerWeights& weights, const HeadWidths& widths, const LatentAttention& latent) const {
    const std::int64_t h = model_.hidden, q = checked_mul(kind_.heads, kind_.head_dim);
    LatentWeights& down = weights.latent.emplace();
    weights.query = unbiased(latent.query_rank ? "W_uq" : "W_q", latent.query_rank.value_or(h), q);
    if (latent.query_rank) {
      down.query = {unbiased("W_dq", h, *latent.query_rank),
                    norm({"query latent norm gain", "query latent norm bias"}, *latent.query_rank)};
    }
    down.key_value = {unbiased("W_dkv", h, latent.kv_rank),
                      norm({"latent norm gain", "latent norm bias"}, latent.kv_rank)};
    down.rope_key = unbiased("W_kr", h, latent.rope_head_dim);
    weights.key = unbiased("W_uk", latent.kv_rank, widths.key);
    weights.value = unbiased("W_uv", latent.kv_rank, widths.value);
  }
  [[nodiscard]] Linear unbiased(std::string_view name, std::int64_t inputs, std::int64_t outputs) const {
    return linear({name, {}}, inputs, outputs, false);
  }
  void add_experts(LayerWeights& weights, const Experts& experts) const {
    if (weights.gate) stack(*weights.gate, experts.count);
    stack(weights.up, experts.count);
    stack(weights.down, experts.count);
    weights.experts = ExpertsWeights{matrix("W_r", layer_, model_.hidden, experts.count, model_.hidden), {}, {}};
    if (experts.router_bias) weights.experts->correction = vector("router correction", layer_, experts.count, 0);
    if (experts.shared_hidden) weights.experts->shared = shared_expert(experts);
  }
  /// As many of them, one behind the other.
  static void stack(Linear& linear, std::int64_t count) {
    stack(linear.weight, count);
    if (linear.bias) stack(*linear.bias, count);
  }
  static void stack(Parameter& parameter, std::int64_t count) {
    parameter.rows = parameter.whole.rows = checked_mul(parameter.rows, count);
    parameter.matrices = count;
  }
  [[nodiscard]] SharedExpertWeights shared_expert(const Experts& experts) const {
    const std::int64_t h = model_.hidden, f = *experts.shared_hidden;
    SharedExpertWeights shared;
    if (is_gated(kind_.activation)) shared.gate = linear({"shared W_gate", "shared b_gate"}, h, f, kind_.ffn_bias);
    shared.up = linear({"shared W_up", "shared b_up"}, h, f, kind_.ffn_bias);
    shared.down = last_linear({"shared W_down", "shared b_down"}, f, kind_.ffn_bias);
    if (experts.shared_gate) shared.output_gate = matrix("shared expert's gate", layer_, h, 1, h);
    return shared;
  }
  [[nodiscard]] NormWeights norm(const Names& names, std::int64_t width) const {
    NormWeights norm{vector(names.weight, layer_, width, 1), {}};
    if (model_.norm == Norm::layernorm) norm.bias = vector(names.bias, layer_, width, 0);
    return norm;
  }
  [[nodiscard]] NormWeights norm(const Names& names) const { return norm(names, model_.hidden); }
  [[nodiscard]] std::optional<NormWeights> head_norm(const Names& names) const {
    if (!kind_.qk_norm) return std::nullopt;
    return norm(names, kind_.head_dim);
  }
  [[nodiscard]] std::optional<NormWeights> post_norm(const Names& names) const {
    if (!kind_.post_norms) return std::nullopt;
    return norm(names);
  }
  [[nodiscard]] Linear linear(const Names& names, std::int64_t inputs, std::int64_t outputs, bool has_bias) const {
    Linear linear{matrix(names.weight, layer_, inputs, outputs, inputs), {}};
    if (has_bias) linear.bias = vector(names.bias, layer_, outputs, 0);
    return linear;
  }
  /// Of a branch, which starts no larger than the embedding it is added to.
  [[nodiscard]] Linear last_linear(const Names& names, std::int64_t inputs, bool has_bias) const {
    Linear last = linear(names, inputs, model_.hidden, has_bias);
    last.weight.initial.spread *= spread_for(model_.hidden);
    return last;
  }

  const Transformer& model_;
  const LayerKind& kind_;
  std::int64_t layer_;
};

template <class Visit>
void visit_optional(std::optional<Parameter>& parameter, const Visit& visit) {
  if (parameter) visit(*parameter);
}

template <class Visit>
void visit_norm(NormWeights& norm, const Visit& visit) {
  visit(norm.gain);
  visit_optional(norm.bias, visit);
}

template <class Visit>
void visit_norm(std::optional<NormWeights>& norm, const Visit& visit) {
  if (norm) visit_norm(*norm, visit);
}

template <class Visit>
void visit_linear(Linear& linear, const Visit& visit) {
  visit(linear.weight);
  visit_optional(linear.bias, visit);
}

template <class Visit>
void visit_normed(NormedLinear& normed, const Visit& visit) {
  visit_linear(normed.linear, visit);
  visit_norm(normed.norm, visit);
}

template <class Visit>
void visit_feed_forward(std::optional<Linear>& gate, Linear& up, Linear& down, const Visit& visit) {
  if (gate) visit_linear(*gate, visit);
  for (Linear* linear : {&up, &down}) visit_linear(*linear, visit);
}

template <class Visit>
void visit_shared(SharedExpertWeights& shared, const Visit& visit) {
  visit_feed_forward(shared.gate, shared.up, shared.down, visit);
  visit_optional(shared.output_gate, visit);
}

template <class Visit>
void visit_layer(LayerWeights& layer, const Visit& visit) {
  visit_norm(layer.attention_norm, visit);
  if (layer.latent && layer.latent->query) visit_normed(*layer.latent->query, visit);
  visit_linear(layer.query, visit);
  if (layer.latent) {
    visit_normed(layer.latent->key_value, visit);
    visit_linear(layer.latent->rope_key, visit);
  }
  for (Linear* linear : {&layer.key, &layer.value}) visit_linear(*linear, visit);
  for (auto* norm : {&layer.query_norm, &layer.key_norm}) visit_norm(*norm, visit);
  visit_linear(layer.output, visit);
  visit_norm(layer.attention_post_norm, visit);
  visit_norm(layer.feed_forward_norm, visit);
  if (layer.experts) {
    visit(layer.experts->router);
    visit_optional(layer.experts->correction, visit);
  }
  visit_feed_forward(layer.gate, layer.up, layer.down, visit);
  if (layer.experts && layer.experts->shared) visit_shared(*layer.experts->shared, visit);
  visit_norm(layer.feed_forward_post_norm, visit);
}

/// Leaves of a whole model's weights what a tensor rank has.
void share_out(Weights& weights, const Transformer& model, const TensorShare& share) {
  const auto kinds = kinds_by_layer(model);
  for (std::size_t i = 0; i < kinds.size(); ++i) share_out(weights.layers[i], *kinds[i], share);
  const Part vocabulary = part_of(model.vocab, share.rank, share.ranks);
  const Cut entries{share.rank * vocabulary.length, vocabulary.length};
  cut_rows(weights.embedding, entries);
  if (weights.head) cut_columns(*weights.head, entries);
  if (weights.head_bias) cut_columns(*weights.head_bias, entries);
}

/// Gradients of norms and positions are of the rank's tokens.
void sum_gradients_of_tokens(Weights& weights, std::int64_t ranks) {
  const auto sum = [ranks](Parameter& parameter) { parameter.summed_ranks = ranks; };
  visit_optional(weights.positions, sum);
  for (LayerWeights& layer : weights.layers) {
    visit_norm(layer.attention_norm, sum);
    for (auto* norm : {&layer.attention_post_norm, &layer.feed_forward_norm, &layer.feed_forward_post_norm}) {
      visit_norm(*norm, sum);
    }
  }
  visit_norm(weights.final_norm, sum);
}

}  // namespace

std::string Parameter::name() const { return layer ? fmt::format("layers.{}.{}", *layer, kind) : std::string(kind); }

std::optional<std::int64_t> Parameter::element_of_whole(std::int64_t index) const {
  const std::int64_t offset = whole.first_row * whole.width + whole.first_column;
  if (width == whole.width && whole.first_column == 0 && (matrices == 1 || rows == whole.rows)) {
    const std::int64_t element = offset + index;
    return element < whole.rows * whole.width ? std::optional(element) : std::nullopt;
  }
  const std::int64_t column = index % width, each = rows / matrices, row = index / width;
  if (whole.first_column + column >= whole.width) return std::nullopt;
  const std::int64_t whole_row = row / each * (whole.rows / matrices) + row % each;
  return offset + whole_row * whole.width + column;
}

Transformer part_of_model(const Transformer& model, std::int64_t ranks) {
  Transformer part = model;
  for (LayerKind& kind : part.kinds) {
    kind.heads /= ranks;
    kind.kv_heads = std::max<std::int64_t>(kind.kv_heads / ranks, 1);
    kind.ffn_hidden /= ranks;
    if (kind.experts && kind.experts->shared_hidden) *kind.experts->shared_hidden /= ranks;
  }
  return part;
}

std::vector<const LayerKind*> kinds_by_layer(const Transformer& model) {
  std::vector<const LayerKind*> kinds;
  for (const LayerRun& run : model.layer_runs) {
    for (std::int64_t i = 0; i < run.repeat; ++i) {
      for (const std::int64_t kind : run.period) kinds.push_back(&model.kinds.at(static_cast<std::size_t>(kind)));
    }
  }
  return kinds;
}

Weights describe_weights(const Transformer& model, std::int64_t seq, const TensorShare& share) {
  const std::int64_t h = model.hidden, v = model.vocab;
  Weights weights;
  weights.embedding = table("embedding", v, h);
  if (model.positions == Positions::learned) {
    weights.positions = table("positions", std::max(model.max_positions, seq), h);
  }
  for (const LayerKind* kind : kinds_by_layer(model)) {
    weights.layers.push_back(LayerOf(model, *kind, static_cast<std::int64_t>(weights.layers.size())).weights());
  }
  weights.final_norm.gain = vector("final norm gain", {}, h, 1);
  if (model.norm == Norm::layernorm) weights.final_norm.bias = vector("final norm bias", {}, h, 0);
  if (!model.tied_embeddings) weights.head = matrix("W_head", {}, h, v, h);
  if (model.head_bias) weights.head_bias = vector("b_head", {}, v, 0);
  share_out(weights, model, share);
  if (share.shares_tokens) sum_gradients_of_tokens(weights, share.ranks);
  return weights;
}

Unit embedding_unit(Weights& weights) {
  Unit unit = {&weights.embedding};
  if (weights.positions) unit.push_back(&*weights.positions);
  return unit;
}

Unit layer_unit(LayerWeights& layer) {
  Unit unit;
  visit_layer(layer, [&](Parameter& parameter) { unit.push_back(&parameter); });
  return unit;
}

Unit head_unit(Weights& weights) {
  Unit unit;
  const auto take = [&](Parameter& parameter) { unit.push_back(&parameter); };
  visit_norm(weights.final_norm, take);
  visit_optional(weights.head, take);
  visit_optional(weights.head_bias, take);
  return unit;
}

void for_each_parameter(Weights& weights, const std::function<void(Parameter&)>& visit) {
  const auto visit_unit = [&](const Unit& unit) {
    for (Parameter* parameter : unit) visit(*parameter);
  };
  visit_unit(embedding_unit(weights));
  for (LayerWeights& layer : weights.layers) visit_unit(layer_unit(layer));
  visit_unit(head_unit(weights));
}

}  // namespace headroom::measure
