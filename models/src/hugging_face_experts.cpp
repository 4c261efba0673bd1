#include <algorithm>

#include <headroom/models/checked.h>

#include "hugging_face_experts.h"

namespace headroom {
namespace {

void refuse_unknown_mixture(HuggingFaceConfig& config) {
  for (const std::string_view key : {"num_experts", "num_local_experts", "n_routed_experts"}) {
    if (config.find(key) == nullptr || config.size({key}) == 1) continue;
    throw InputError(
        fmt::format("{}: {} says that this is a mixture of experts of a family that headroom does not describe",
                    config.place().text(), key));
  }
}

ExpertLayers mixtral_layers(HuggingFaceConfig& config) {
  ExpertLayers layers;
  layers.experts.count = config.optional_size({"num_local_experts"}).value_or(8);
  layers.experts.per_token = config.optional_size({"num_experts_per_tok"}).value_or(2);
  layers.hidden = config.size({"intermediate_size"});
  return layers;
}

std::optional<ExpertLayers> qwen_layers(HuggingFaceConfig& config, const HuggingFaceFamily& family) {
  ExpertLayers layers;
  layers.experts.count = config.count("num_experts");
  if (layers.experts.count == 0) return std::nullopt;
  layers.experts.per_token = config.size({"num_experts_per_tok"});
  layers.hidden = config.size({"moe_intermediate_size"});
  if (family.shared_gate) {
    layers.experts.shared_hidden = config.size({"shared_expert_intermediate_size"});
    layers.experts.shared_gate = true;
  }
  layers.step = config.optional_size({"decoder_sparse_step"}).value_or(1);
  layers.offset = 1;
  layers.dense = config.counts("mlp_only_layers");
  return layers;
}

std::optional<ExpertLayers> deepseek_layers(HuggingFaceConfig& config, const HuggingFaceFamily& family) {
  if (config.find("n_routed_experts") == nullptr) return std::nullopt;
  ExpertLayers layers;
  layers.experts.count = config.size({"n_routed_experts"});
  layers.experts.per_token = config.size({"num_experts_per_tok"});
  layers.experts.router_bias = family.router_bias;
  layers.hidden = config.size({"moe_intermediate_size"});
  const std::int64_t shared = config.count("n_shared_experts");
  if (shared > 0) layers.experts.shared_hidden = checked_mul(shared, layers.hidden);
  layers.first = config.count("first_k_dense_replace");
  layers.step = config.optional_size({"moe_layer_freq"}).value_or(1);
  return layers;
}

}  // namespace

bool ExpertLayers::at(std::int64_t layer) const {
  return layer >= first && (layer + offset) % step == 0 && std::find(dense.begin(), dense.end(), layer) == dense.end();
}

std::optional<ExpertLayers> expert_layers(HuggingFaceConfig& config, const HuggingFaceFamily& family) {
  switch (family.experts) {
    case ExpertKeys::none: break;
    case ExpertKeys::mixtral: return mixtral_layers(config);
    case ExpertKeys::qwen: return qwen_layers(config, family);
    case ExpertKeys::deepseek: return deepseek_layers(config, family);
  }
  refuse_unknown_mixture(config);
  return std::nullopt;
}

}  // namespace headroom
