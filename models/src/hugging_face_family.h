#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <headroom/models/transformer.h>

#include "hugging_face_config.h"

namespace headroom {

/// Which layers attend through a sliding window, when the config has one.
enum class Windows : std::uint8_t {
  never,
  always,
  even_layers,     ///< Gemma-2
  late_layers,     ///< those behind max_window_layers, if use_sliding_window says so (Qwen)
  all_but_a_sixth  ///< the last of every sliding_window_pattern layers is full (Gemma-3)
};

/// The keys under which a config.json tells of experts.
enum class ExpertKeys : std::uint8_t { none, mixtral, qwen, deepseek };

/// What the Hugging Face code of a model_type fixes, or takes when its config.json leaves a field out.
struct HuggingFaceFamily {
  std::string_view model_type = {};
  std::string_view activation = "silu";
  std::int64_t heads = 0;  ///< 0: must be given, here and below
  std::int64_t kv_heads = 0;
  std::int64_t vocab = 0;
  std::int64_t max_positions = 0;
  std::int64_t extra_positions = 0;  ///< rows of a learned table beyond the positions
  std::int64_t head_dim = 0;         ///< 0: hidden / heads
  std::int64_t rotary_dim = 0;       ///< 0: rotary_percent of head_dim
  std::int64_t rotary_percent = 100;
  std::int64_t window = 0;  ///< tokens, 0: none
  Windows windows = Windows::never;
  Norm norm = Norm::rmsnorm;
  Positions positions = Positions::rope;
  Residual (*residual)(HuggingFaceConfig&) = nullptr;  ///< null: a norm before each block
  ExpertKeys experts = ExpertKeys::none;
  bool latent = false;  ///< multi-head latent attention
  bool gated = true;    ///< a gate beside the up projection
  bool tied = false;
  bool qkv_bias = false;        ///< whatever attention_bias says
  bool attention_bias = false;  ///< of q, k, v and the output projection
  bool ffn_bias = false;
  bool head_bias = false;
  std::string_view bias_key = {};  ///< one flag for all biases of a layer
  bool multi_query = false;        ///< one key head, unless multi_query or new_decoder_architecture says otherwise
  bool post_norms = false;
  bool qk_norm = false;
  bool shared_gate = false;  ///< of the shared experts' output
  bool router_bias = false;
  bool ffn_is_four_hidden = false;  ///< when the config gives no width
};

/// Null when headroom does not know the model_type.
[[nodiscard]] const HuggingFaceFamily* find_family(std::string_view model_type);

}  // namespace headroom
