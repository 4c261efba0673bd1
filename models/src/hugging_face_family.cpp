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
     .note = kParallelNote,
     .norm = Norm::layernorm,
     .gated = false,
     .ffn_bias = true,
     .head_bias = true,
     .ffn_is_four_hidden = true},
    {.model_type = "gpt_neox",
     .activation = "gelu",
     .note = kParallelNote,
     .norm = Norm::layernorm,
     .gated = false,
     .attention_bias = true,
     .ffn_bias = true},
    {.model_type = "llama"},
    {.model_type = "mistral", .window = 4096, .windows = Windows::always},
    {.model_type = "qwen2", .window = 4096, .windows = Windows::late_layers, .qkv_bias = true},
    {.model_type = "gemma", .activation = "gelu_pytorch_tanh", .head_dim = 256, .tied = true},
    {.model_type = "gemma2",
     .activation = "gelu_pytorch_tanh",
     .head_dim = 256,
     .window = 4096,
     .windows = Windows::even_layers,
     .tied = true,
     .post_norms = true},
};

}  // namespace

const HuggingFaceFamily* find_family(std::string_view model_type) {
  const auto* found = std::find_if(std::begin(kFamilies), std::end(kFamilies),
                                   [model_type](const auto& family) { return family.model_type == model_type; });
  return found == std::end(kFamilies) ? nullptr : found;
}

}  // namespace headroom
