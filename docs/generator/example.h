#pragma once

#include <cstdint>
#include <string_view>

#include <headroom/models/job.h>

namespace headroom::docs {

/// Tokens of a sequence in the examples: several blocks on every axis.
inline constexpr Tokens kExampleTokens{16384};

/// So many ranks as the method shares a sequence or its products over; one for a method that shares neither.
[[nodiscard]] Degrees degrees_of(const Method& method, std::int64_t ranks);

/// Llama style: RMSNorm, SwiGLU, rotary positions, no biases, four query heads to a key-value head. 4 layers, h = 2048,
/// bf16, bf16 AdamW, batch 1, full recompute, no dropout.
[[nodiscard]] Job llama_example(std::string_view method);

/// GPT style: LayerNorm, GELU, learned positions, biases, as many key-value heads as heads, f = 4h. Else the same.
[[nodiscard]] Job gpt_example(std::string_view method);

}  // namespace headroom::docs
