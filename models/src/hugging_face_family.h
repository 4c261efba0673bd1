#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <headroom/models/transformer.h>

namespace headroom {

/// Which layers attend through a sliding window, when the config has one.
enum class Windows : std::uint8_t { never, always, even_layers, late_layers };

/// What the Hugging Face code of a model_type fixes, or takes when its config.json leaves a field out.
struct HuggingFaceFamily {
  std::string_view model_type = {};
  std::string_view activation = "silu";
  std::string_view note = {};  ///< what the description leaves out
  std::int64_t head_dim = 0;   ///< 0: hidden / heads
  std::int64_t window = 0;     ///< tokens, 0: none
  Windows windows = Windows::never;
  Norm norm = Norm::rmsnorm;
  Positions positions = Positions::rope;
  bool gated = true;  ///< a gate beside the up projection
  bool tied = false;
  bool qkv_bias = false;        ///< whatever attention_bias says
  bool attention_bias = false;  ///< of q, k, v and the output projection
  bool ffn_bias = false;
  bool head_bias = false;
  bool post_norms = false;
  bool ffn_is_four_hidden = false;  ///< when the config gives no width
};

/// Null when headroom does not know the model_type.
[[nodiscard]] const HuggingFaceFamily* find_family(std::string_view model_type);

}  // namespace headroom
