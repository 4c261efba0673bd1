#include <algorithm>
#include <iterator>

#include "hugging_face_family.h"

namespace headroom {
namespace {

Residual gptj_residual(HuggingFaceConfig&) { return Residual::parallel_shared_norm; }

Residual gpt_neox_residual(HuggingFaceConfig& config) {
  return config.flag("use_parallel_residual", true) ? Residual::parallel : Residual::pre_norm;
}

Residual opt_residual(HuggingFaceConfig& config) {
  return config.flag("do_layer_norm_before", true) ? Residual::pre_norm : Residual::post_norm;
}

/// The new architecture has a norm for each block, unless num_ln_in_parallel_attn says one.
Residual falcon_residual(HuggingFaceConfig& config) {
  if (config.flag("new_decoder_architecture", false)) {
    const bool shared = config.optional_size({"num_ln_in_parallel_attn"}).value_or(2) == 1;
    return shared ? Residual::parallel_shared_norm : Residual::parallel;
  }
  return config.flag("parallel_attn", true) ? Residual::parallel_shared_norm : Residual::pre_norm;
}

constexpr HuggingFaceFamily gemma3(std::string_view model_type) {
  return {.model_type = model_type,
          .activation = "gelu_pytorch_tanh",
          .heads = 8,
          .kv_heads = 4,
          .vocab = 262208,
          .max_positions = 131072,
          .head_dim = 256,
          .window = 4096,
          .windows = Windows::all_but_a_sixth,
          .tied = true,
          .post_norms = true,
          .qk_norm = true};
}

constexpr HuggingFaceFamily kFamilies[] = {
    {.model_type = "gpt2",
     .activation = "gelu_new",
     .norm = Norm::layernorm,
     .positions = Positions::learned,
     .gated = false,
     .tied = true,
     .attention_bias = true,
     .ffn_bias = true,
     .ffn_is_four_hidden = true},
    {.model_type = "gptj",
     .activation = "gelu_new",
     .rotary_dim = 64,
     .norm = Norm::layernorm,
     .residual = gptj_residual,
     .gated = false,
     .ffn_bias = true,
     .head_bias = true,
     .ffn_is_four_hidden = true},
    {.model_type = "gpt_neox",
     .activation = "gelu",
     .rotary_percent = 25,
     .norm = Norm::layernorm,
     .residual = gpt_neox_residual,
     .gated = false,
     .attention_bias = true,
     .ffn_bias = true},
    {.model_type = "opt",
     .activation = "relu",
     .extra_positions = 2,
     .norm = Norm::layernorm,
     .positions = Positions::learned,
     .residual = opt_residual,
     .gated = false,
     .tied = true,
     .attention_bias = true,
     .ffn_bias = true,
     .bias_key = "enable_bias"},
    {.model_type = "falcon",
     .activation = "gelu",
     .max_positions = 2048,
     .norm = Norm::layernorm,
     .residual = falcon_residual,
     .gated = false,
     .tied = true,
     .bias_key = "bias",
     .multi_query = true,
     .ffn_is_four_hidden = true},
    {.model_type = "llama"},
    {.model_type = "phi3", .windows = Windows::always},
    {.model_type = "mistral", .window = 4096, .windows = Windows::always},
    {.model_type = "mixtral", .windows = Windows::always, .experts = ExpertKeys::mixtral},
    {.model_type = "qwen2", .window = 4096, .windows = Windows::late_layers, .qkv_bias = true},
    {.model_type = "qwen2_moe",
     .window = 4096,
     .windows = Windows::late_layers,
     .experts = ExpertKeys::qwen,
     .qkv_bias = true,
     .shared_gate = true},
    {.model_type = "qwen3", .head_dim = 128, .window = 4096, .windows = Windows::late_layers, .qk_norm = true},
    {.model_type = "qwen3_moe",
     .window = 4096,
     .windows = Windows::late_layers,
     .experts = ExpertKeys::qwen,
     .qk_norm = true},
    {.model_type = "gemma", .activation = "gelu_pytorch_tanh", .head_dim = 256, .tied = true},
    {.model_type = "gemma2",
     .activation = "gelu_pytorch_tanh",
     .head_dim = 256,
     .window = 4096,
     .windows = Windows::even_layers,
     .tied = true,
     .post_norms = true},
    gemma3("gemma3"),
    gemma3("gemma3_text"),
    {.model_type = "deepseek_v2", .experts = ExpertKeys::deepseek, .latent = true},
    {.model_type = "deepseek_v3", .experts = ExpertKeys::deepseek, .latent = true, .router_bias = true},
};

}  // namespace

const HuggingFaceFamily* find_family(std::string_view model_type) {
  const auto* found = std::find_if(std::begin(kFamilies), std::end(kFamilies),
                                   [model_type](const auto& family) { return family.model_type == model_type; });
  return found == std::end(kFamilies) ? nullptr : found;
}

}  // namespace headroom
