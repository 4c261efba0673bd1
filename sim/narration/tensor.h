#pragma once

#include <array>
#include <cstdint>

#include <headroom/models/bytes.h>
#include <headroom/models/dtype.h>
#include <headroom/models/memory.h>

namespace headroom::sim {

/// What every tensor of one role shares. Static text: narrating a tensor copies a pointer to its role.
struct Role {
  const char* name;    ///< as the field calls it: "q", "logits"
  const char* shape;   ///< symbols; '#' stands for the extent in tokens (s, or a chunk's symbol)
  const char* source;  ///< paper and section, or the runtime's policy
};

/// How many tokens of each sequence a tensor spans, and the symbol people know that number by.
struct Extent {
  std::int64_t tokens;
  const char* symbol;
};

/// A tensor of the narration: its role, its sizes, its type and its category. Bytes are as requested, never rounded.
struct Tensor {
  const Role* role = nullptr;
  const char* extent = "";
  std::array<std::int64_t, 4> shape{};  ///< unused trailing dimensions are 1
  DType dtype = DType::fp32;
  Category category = Category::parameters;
  Bytes bytes;

  constexpr Tensor() = default;
  constexpr Tensor(const Role& r, const char* symbol, std::array<std::int64_t, 4> dims, DType type, Category c)
      : role(&r), extent(symbol), shape(dims), dtype(type), category(c), bytes(size(dims, type)) {}

  [[nodiscard]] static constexpr Bytes size(const std::array<std::int64_t, 4>& dims, DType type) {
    return Bytes(checked_mul(checked_mul(checked_mul(dims[0], dims[1]), checked_mul(dims[2], dims[3])), element_size(type)));
  }
};

}  // namespace headroom::sim
