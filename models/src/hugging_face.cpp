#include <headroom/models/checked.h>

#include "hugging_face.h"
#include "hugging_face_config.h"
#include "hugging_face_family.h"
#include "hugging_face_layers.h"
#include "text.h"

namespace headroom {
namespace {

void refuse(const HuggingFaceConfig& config, std::string_view key, std::string_view what) {
  throw InputError(
      fmt::format("{}: {} says that this is {}, which headroom does not describe", config.place().text(), key, what));
}

void refuse_undescribed(HuggingFaceConfig& config) {
  for (const std::string_view key : {"num_experts", "num_local_experts", "n_routed_experts"}) {
    if (config.find(key) != nullptr && config.size({key}) > 1) refuse(config, key, "a mixture of experts");
  }
  if (config.find("kv_lora_rank") != nullptr) refuse(config, "kv_lora_rank", "multi-head latent attention");
  if (config.flag("is_encoder_decoder", false)) refuse(config, "is_encoder_decoder", "an encoder with a decoder");
}

Activation activation_of(HuggingFaceConfig& config, const HuggingFaceFamily& family) {
  const std::string name = config.text({"hidden_activation", "activation_function", "hidden_act"}, family.activation);
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

std::int64_t ffn_hidden_of(HuggingFaceConfig& config, const HuggingFaceFamily& family, std::int64_t hidden) {
  const auto width = config.optional_size({"intermediate_size", "n_inner"});
  if (!width && family.ffn_is_four_hidden) return checked_mul(4, hidden);
  return width ? *width : config.size({"intermediate_size"});
}

LayerKind layer_kind(HuggingFaceConfig& config, const HuggingFaceFamily& family, std::int64_t hidden) {
  LayerKind kind;
  kind.heads = config.size({"num_attention_heads", "n_head"});
  kind.kv_heads = config.optional_size({"num_key_value_heads"}).value_or(kind.heads);
  kind.head_dim = head_dim_of(config, family, hidden, kind.heads);
  kind.ffn_hidden = ffn_hidden_of(config, family, hidden);
  kind.activation = activation_of(config, family);
  kind.out_bias = config.flag("attention_bias", family.attention_bias);
  kind.qkv_bias = family.qkv_bias || kind.out_bias;
  kind.ffn_bias = config.flag("mlp_bias", family.ffn_bias);
  kind.post_norms = family.post_norms;
  return kind;
}

/// What the standard fields alone tell of a family that headroom does not know.
HuggingFaceFamily guess_family(HuggingFaceConfig& config) {
  HuggingFaceFamily family;
  const std::string activation = config.text({"hidden_activation", "activation_function", "hidden_act"}, "silu");
  family.gated = activation == "silu" || activation == "swish";
  const bool has_layernorm = config.mentions("layer_norm_eps") || config.mentions("layer_norm_epsilon");
  family.norm = has_layernorm && !config.mentions("rms_norm_eps") ? Norm::layernorm : Norm::rmsnorm;
  family.windows = Windows::always;
  return family;
}

Transformer describe_model(HuggingFaceConfig& config, const HuggingFaceFamily& family) {
  Transformer model;
  model.name = config.text({"_name_or_path"}, "");
  if (model.name.empty()) model.name = config.place().origin;
  model.hidden = config.size({"hidden_size", "n_embd"});
  model.vocab = config.size({"vocab_size"});
  const auto positions = {std::string_view("max_position_embeddings"), std::string_view("n_positions"),
                          std::string_view("n_ctx")};
  model.max_positions =
      family.positions == Positions::learned ? config.size(positions) : config.optional_size(positions).value_or(0);
  model.norm = family.norm;
  model.positions = family.positions;
  model.tied_embeddings = config.flag("tie_word_embeddings", family.tied);
  model.head_bias = family.head_bias;
  add_layers(config, family, layer_kind(config, family, model.hidden), model);
  model.provenance = {std::string(config.place().origin), "read from a Hugging Face config.json"};
  return model;
}

std::string unknown_note(const std::string& model_type, const Transformer& model) {
  const std::string subject =
      model_type.empty() ? "model_type is missing" : "model_type " + in_quotes(model_type) + " is unknown";
  return fmt::format("{}; taken from the standard fields: norm {}, positions {}, activation {}", subject,
                     name_of(model.norm), name_of(model.positions), name_of(model.kinds.front().activation));
}

Read<Transformer> read_config(HuggingFaceConfig& config) {
  refuse_undescribed(config);
  const std::string model_type = config.text({"model_type"}, "");
  const HuggingFaceFamily* known = find_family(model_type);
  const HuggingFaceFamily family = known != nullptr ? *known : guess_family(config);
  Read<Transformer> result{describe_model(config, family), {}};
  if (known == nullptr) result.notes.push_back(unknown_note(model_type, result.value));
  if (!family.note.empty() && config.flag("use_parallel_residual", true)) result.notes.emplace_back(family.note);
  if (config.find("quantization_config") != nullptr) {
    result.notes.emplace_back("quantization_config is ignored: the job's precision holds for every weight");
  }
  return result;
}

/// Multimodal configs keep the language model's fields one level down.
bool is_nested(const nlohmann::json& json) {
  return json.is_object() && !json.contains("hidden_size") && !json.contains("n_embd") && json.contains("text_config");
}

}  // namespace

Read<Transformer> parse_hugging_face(const nlohmann::json& json, const std::string& origin) {
  const bool nested = is_nested(json);
  HuggingFaceConfig config = nested ? HuggingFaceConfig(json["text_config"], Place{origin, "text_config"})
                                    : HuggingFaceConfig(json, Place{origin, {}});
  Read<Transformer> result = read_config(config);
  if (nested) result.notes.emplace_back("only text_config is described, the language model of a larger one");
  try {
    validate(result.value);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", origin, error.what()));
  }
  return result;
}

}  // namespace headroom
