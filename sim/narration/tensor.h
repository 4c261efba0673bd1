#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <headroom/models/bytes.h>
#include <headroom/models/dtype.h>
#include <headroom/models/memory.h>
#include <headroom/sim/part_symbols.h>

namespace headroom::sim {

/// What every tensor of one role shares. Static text: narrating a tensor copies a pointer to its role.
struct Role {
  const char* name;    ///< as the field calls it: "q", "logits"
  const char* shape;   ///< symbols; '#' stands for the extent in tokens (s, or a chunk's symbol)
  const char* source;  ///< paper and section, or the runtime's policy
};

/// What the tokens that a tensor spans are known by, and the rank's parts of other sizes.
struct Symbols {
  constexpr Symbols(const char* of_tokens, const PartSymbols* of_parts = nullptr)  // NOLINT: a symbol is a text
      : tokens(of_tokens), parts(of_parts) {}

  const char* tokens;
  const PartSymbols* parts;  ///< null: as the role says
};

/// How many tokens of each sequence a tensor spans, and the symbol people know that number by.
struct Extent {
  std::int64_t tokens;
  Symbols symbol;
};

/// Dimensions of a tensor with their product, formed once however many tensors share it.
struct Shape {
  std::array<std::int64_t, 4> dims{1, 1, 1, 1};  ///< unused trailing dimensions are 1
  std::int64_t elements = 1;

  constexpr Shape() = default;
  constexpr explicit Shape(std::int64_t d0) : dims{d0, 1, 1, 1}, elements(d0) {}
  constexpr Shape(std::int64_t d0, std::int64_t d1) : dims{d0, d1, 1, 1}, elements(checked_mul(d0, d1)) {}
  constexpr Shape(std::int64_t d0, std::int64_t d1, std::int64_t d2)
      : dims{d0, d1, d2, 1}, elements(checked_mul(checked_mul(d0, d1), d2)) {}
  constexpr Shape(std::int64_t d0, std::int64_t d1, std::int64_t d2, std::int64_t d3)
      : dims{d0, d1, d2, d3}, elements(checked_mul(checked_mul(d0, d1), checked_mul(d2, d3))) {}
};

/// A tensor of the narration: its role, its sizes, its type and its category. Bytes are as requested, never rounded.
struct Tensor {
  const Role* role = nullptr;
  Symbols extent = "";
  Shape shape;
  DType dtype = DType::fp32;
  Category category = Category::parameters;
  Bytes bytes;

  constexpr Tensor() = default;
  constexpr Tensor(const Role& r, Symbols symbol, const Shape& s, DType type, Category c)
      : role(&r),
        extent(symbol),
        shape(s),
        dtype(type),
        category(c),
        bytes(checked_mul(s.elements, element_size(type))) {}
};

/// Tensors that are born together and die together, with their sums: listeners that need no single tensor take them as
/// one. While they are born the level only rises, and while they die it only falls, so no peak hides among them.
struct TensorGroup {
  std::vector<Tensor> tensors;
  BytesByCategory categories;
  Bytes total;

  void add(const Tensor& t) {
    tensors.push_back(t);
    categories[t.category] += t.bytes;
    total += t.bytes;
  }
};

}  // namespace headroom::sim
