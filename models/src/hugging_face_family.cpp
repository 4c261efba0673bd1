#include <algorithm>
#include <iterator>

#include "hugging_face_family.h"

namespace headroom {
namespace {

constexpr std::string_view kParallelNote =
    "attention and feed-forward are taken one after the other, a norm before each; this family computes them in "
    "parallel";

constexpr HuggingFaceFamily kFamilies[] = {
    {.model_type = "gpt2",
     .norm = Norm::layernorm,
     .positions = Positions::learned,
     .gated = false,
     .activation = "gelu_new",
     .tied = true,
     .attention_bias = true,
     .ffn_bias = true,
     .ffn_is_four_hidden = true},
    {.model_type = "gptj",
     .norm = Norm::layernorm,
     .gated = false,
     .activation = "gelu_new",
     .ffn_bias = true,
     .head_bias = true,
     .ffn_is_four_hidden = true,
     .note = kParallelNote},
    {.model_type = "gpt_neox",
     .norm = Norm::layernorm,
     .gated = false,
     .activation = "gelu",
     .attention_bias = true,
     .ffn_bias = true,
     .note = kParallelNote},
    {.model_type = "llama"},
    {.model_type = "mistral", .windows = Windows::always, .window = 4096},
    {.model_type = "qwen2", .qkv_bias = true, .windows = Windows::late_layers, .window = 4096},
    {.model_type = "gemma", .activation = "gelu_pytorch_tanh", .tied = true, .head_dim = 256},
    {.model_type = "gemma2",
     .activation = "gelu_pytorch_tanh",
     .tied = true,
     .post_norms = true,
     .head_dim = 256,
     .windows = Windows::even_layers,
     .window = 4096},
};

}  // namespace

const HuggingFaceFamily* find_family(std::string_view model_type) {
  const auto* found = std::find_if(std::begin(kFamilies), std::end(kFamilies),
                                   [model_type](const auto& family) { return family.model_type == model_type; });
  return found == std::end(kFamilies) ? nullptr : found;
}

}  // namespace headroom
