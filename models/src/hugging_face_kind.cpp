#include <headroom/models/checked.h>

#include "hugging_face_kind.h"

namespace headroom {
namespace {

Activation activation_of(HuggingFaceConfig& config, const HuggingFaceFamily& family) {
  const std::string name = activation_name(config, family.activation);
  if (family.gated && (name == "silu" || name == "swish")) return Activation::swiglu;
  if (!family.gated && name == "relu") return Activation::relu;
  const std::vector<std::string_view> gelus{"gelu",        "gelu_new",  "gelu_fast", "gelu_pytorch_tanh",
                                            "gelu_python", "quick_gelu"};
  for (const std::string_view gelu : gelus) {
    if (name == gelu) return family.gated ? Activation::geglu : Activation::gelu;
  }
  std::vector<std::string_view> accepted = gelus;
  accepted.emplace_back(family.gated ? "silu" : "relu");
  throw_unknown_name(config.place().text() + ": the activation", name, accepted);
}

std::int64_t head_dim_of(HuggingFaceConfig& config, const HuggingFaceFamily& family, std::int64_t hidden,
                         std::int64_t heads) {
  if (const auto head_dim = config.optional_size({"head_dim"})) return *head_dim;
  if (family.head_dim > 0) return family.head_dim;
  if (hidden % heads == 0) return hidden / heads;
  throw InputError(fmt::format("{}: num_attention_heads ({}) must divide hidden_size ({}) where head_dim is missing",
                               config.place().text(), heads, hidden));
}

/// Falcon's older architecture has one key head or all of them, whatever num_kv_heads says.
std::int64_t kv_heads_of(HuggingFaceConfig& config, const HuggingFaceFamily& family, std::int64_t heads) {
  if (family.multi_query && !config.flag("new_decoder_architecture", false)) {
    return config.flag("multi_query", true) ? 1 : heads;
  }
  const std::int64_t otherwise = family.kv_heads > 0 ? family.kv_heads : heads;
  return config.optional_size({"num_key_value_heads", "num_kv_heads", "n_head_kv"}).value_or(otherwise);
}

std::int64_t ffn_hidden_of(HuggingFaceConfig& config, const HuggingFaceFamily& family, std::int64_t hidden) {
  const auto width = config.optional_size({"intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size"});
  if (!width && family.ffn_is_four_hidden) return checked_mul(4, hidden);
  return width ? *width : config.size({"intermediate_size"});
}

/// Nothing where the whole head is rotated.
std::optional<std::int64_t> rotary_dim_of(HuggingFaceConfig& config, const HuggingFaceFamily& family,
                                          std::int64_t head_dim) {
  const Rational part = config.fraction({"rotary_pct", "partial_rotary_factor"}, Rational(family.rotary_percent, 100));
  const Rational rotated = Rational(head_dim) * part;
  std::int64_t rotary_dim = rotated.numerator() / rotated.denominator();
  if (family.rotary_dim > 0) rotary_dim = config.optional_size({"rotary_dim"}).value_or(family.rotary_dim);
  return rotary_dim == head_dim ? std::nullopt : std::optional(rotary_dim);
}

void read_biases(HuggingFaceConfig& config, const HuggingFaceFamily& family, LayerKind& kind) {
  if (!family.bias_key.empty()) {
    kind.qkv_bias = kind.out_bias = kind.ffn_bias = config.flag(family.bias_key, family.attention_bias);
    return;
  }
  kind.out_bias = config.flag("attention_bias", family.attention_bias);
  kind.qkv_bias = config.flag("qkv_bias", family.qkv_bias) || kind.out_bias;
  kind.ffn_bias = config.flag("mlp_bias", family.ffn_bias);
}

/// A written head_dim is that of the rotated part here.
void read_latent(HuggingFaceConfig& config, LayerKind& kind) {
  LatentAttention latent;
  latent.query_rank = config.optional_size({"q_lora_rank"});
  latent.kv_rank = config.size({"kv_lora_rank"});
  latent.rope_head_dim = config.size({"qk_rope_head_dim"});
  latent.value_head_dim = config.size({"v_head_dim"});
  kind.head_dim = checked_add(config.size({"qk_nope_head_dim"}), latent.rope_head_dim);
  kind.latent = latent;
}

void read_plain_attention(HuggingFaceConfig& config, const HuggingFaceFamily& family, std::int64_t hidden,
                          LayerKind& kind) {
  kind.head_dim = head_dim_of(config, family, hidden, kind.heads);
  kind.qk_norm = family.qk_norm;
  if (family.positions == Positions::rope && !config.flag("alibi", false)) {
    kind.rotary_dim = rotary_dim_of(config, family, kind.head_dim);
  }
}

}  // namespace

std::string activation_name(HuggingFaceConfig& config, std::string_view otherwise) {
  return config.text({"hidden_activation", "activation_function", "hidden_act", "activation"}, otherwise);
}

LayerKind layer_kind(HuggingFaceConfig& config, const HuggingFaceFamily& family, std::int64_t hidden) {
  LayerKind kind;
  const auto heads = config.optional_size({"num_attention_heads", "n_head"});
  kind.heads = heads || family.heads == 0 ? config.size({"num_attention_heads", "n_head"}) : family.heads;
  kind.kv_heads = kv_heads_of(config, family, kind.heads);
  if (family.latent) {
    read_latent(config, kind);
  } else {
    read_plain_attention(config, family, hidden, kind);
  }
  kind.ffn_hidden = ffn_hidden_of(config, family, hidden);
  kind.activation = activation_of(config, family);
  read_biases(config, family, kind);
  kind.post_norms = family.post_norms;
  if (family.residual != nullptr) kind.residual = family.residual(config);
  return kind;
}

}  // namespace headroom
