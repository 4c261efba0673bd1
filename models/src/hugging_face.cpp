#include <headroom/models/checked.h>

#include "hugging_face.h"
#include "hugging_face_config.h"
#include "hugging_face_family.h"
#include "hugging_face_kind.h"
#include "hugging_face_layers.h"
#include "text.h"

namespace headroom {
namespace {

void refuse(const HuggingFaceConfig& config, std::string_view key, std::string_view what) {
  throw InputError(
      fmt::format("{}: {} says that this is {}, which headroom does not describe", config.place().text(), key, what));
}

void refuse_undescribed(HuggingFaceConfig& config, const HuggingFaceFamily& family) {
  if (!family.latent && config.find("kv_lora_rank") != nullptr) {
    refuse(config, "kv_lora_rank", "multi-head latent attention of another family than DeepSeek's");
  }
  if (config.flag("is_encoder_decoder", false)) refuse(config, "is_encoder_decoder", "an encoder with a decoder");
}

/// What the standard fields alone tell of a family that headroom does not know.
HuggingFaceFamily guess_family(HuggingFaceConfig& config) {
  HuggingFaceFamily family;
  const std::string activation = activation_name(config, "silu");
  family.gated = activation == "silu" || activation == "swish";
  const bool has_layernorm = config.mentions("layer_norm_eps") || config.mentions("layer_norm_epsilon");
  family.norm = has_layernorm && !config.mentions("rms_norm_eps") ? Norm::layernorm : Norm::rmsnorm;
  family.windows = Windows::always;
  return family;
}

/// Rows of a learned table, else what the model was made for.
std::int64_t max_positions_of(HuggingFaceConfig& config, const HuggingFaceFamily& family) {
  const auto keys = {std::string_view("max_position_embeddings"), std::string_view("n_positions"),
                     std::string_view("n_ctx")};
  if (family.positions != Positions::learned) return config.optional_size(keys).value_or(family.max_positions);
  return checked_add(config.size(keys), family.extra_positions);
}

/// What stands before and behind the layers.
void describe_ends(HuggingFaceConfig& config, const HuggingFaceFamily& family, Transformer& model) {
  const auto vocab = config.optional_size({"vocab_size"});
  model.vocab = vocab || family.vocab == 0 ? config.size({"vocab_size"}) : family.vocab;
  model.max_positions = max_positions_of(config, family);
  const auto width = config.optional_size({"word_embed_proj_dim"});
  if (width && *width != model.hidden) model.embedding_width = width;
  model.tied_embeddings = config.flag("tie_word_embeddings", family.tied);
  model.head_bias = family.head_bias;
  const bool ends_with_norm = config.flag("do_layer_norm_before", true);
  model.final_norm = ends_with_norm && !config.flag("_remove_final_layer_norm", false);
}

Transformer describe_model(HuggingFaceConfig& config, const HuggingFaceFamily& family) {
  Transformer model;
  model.name = config.text({"_name_or_path"}, "");
  if (model.name.empty()) model.name = config.place().origin;
  model.hidden = config.size({"hidden_size", "n_embd"});
  model.norm = family.norm;
  model.positions = config.flag("alibi", false) ? Positions::none : family.positions;
  describe_ends(config, family, model);
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

Read<Transformer> read_config(HuggingFaceConfig& config, const std::string& outer_model_type) {
  const std::string model_type = config.text({"model_type"}, outer_model_type);
  const HuggingFaceFamily* known = find_family(model_type);
  const HuggingFaceFamily family = known != nullptr ? *known : guess_family(config);
  refuse_undescribed(config, family);
  Read<Transformer> result{describe_model(config, family), {}};
  if (known == nullptr) result.notes.push_back(unknown_note(model_type, result.value));
  if (config.count("num_nextn_predict_layers") > 0) {
    result.notes.emplace_back("the layers for multi-token prediction (num_nextn_predict_layers) are not described");
  }
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
  std::string outer_model_type;
  if (nested) FieldReader(json, Place{origin, {}}).optional("model_type", outer_model_type);
  HuggingFaceConfig config = nested ? HuggingFaceConfig(json["text_config"], Place{origin, "text_config"})
                                    : HuggingFaceConfig(json, Place{origin, {}});
  Read<Transformer> result = read_config(config, outer_model_type);
  if (nested) result.notes.emplace_back("only text_config is described, the language model of a larger one");
  try {
    validate(result.value);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", origin, error.what()));
  }
  return result;
}

}  // namespace headroom
