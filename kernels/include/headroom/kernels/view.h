#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace headroom::kernels {

/// Element types that kernels read and write. Arithmetic is fp32 whatever the storage; results are rounded to nearest
/// even.
enum class Type : std::uint8_t { fp32, bf16, int32, uint8 };

/// Bytes of one element.
[[nodiscard]] constexpr std::int64_t size_of(Type type) {
  switch (type) {
    case Type::fp32:
    case Type::int32: return 4;
    case Type::bf16: return 2;
    case Type::uint8: return 1;
  }
  return 0;
}

/// A tensor, or a block of rows of one, as kernels see it: [batch, rows, width], the last dimension contiguous, rows
/// one behind the other, batch entries `batch_stride` elements apart. A chunk of a sequence is a view with fewer rows
/// and the stride of the whole. Heads lie side by side in a row (width = heads * head_dim), scores are a batch of batch
/// * heads matrices, a weight is a batch of one, a vector (bias, gain) is one row, statistics of attention rows are
/// [batch, heads, rows]. Does not own its memory; kernels never allocate.
template <class Void>
struct BasicView {
  Void* data = nullptr;
  Type type = Type::fp32;
  std::int64_t batch = 1;
  std::int64_t rows = 1;
  std::int64_t width = 1;
  std::int64_t batch_stride = 0;  ///< read only where batch > 1

  [[nodiscard]] constexpr explicit operator bool() const { return data != nullptr; }
  /// A view converts to one that is not written.
  template <class To>
  constexpr operator BasicView<To>() const requires(std::is_const_v<To> && !std::is_const_v<Void>) {
    return {data, type, batch, rows, width, batch_stride};
  }
  [[nodiscard]] constexpr std::int64_t elements() const { return batch * rows * width; }
};

using View = BasicView<void>;
using ConstView = BasicView<const void>;

/// A whole tensor, its batch entries one behind the other.
[[nodiscard]] inline View whole_view(void* data, Type type, std::int64_t batch, std::int64_t rows, std::int64_t width) {
  return View{data, type, batch, rows, width, rows * width};
}

/// Rows [first, first + rows) of each batch entry.
[[nodiscard]] inline View rows_of(View v, std::int64_t first, std::int64_t rows) {
  v.data = static_cast<std::byte*>(v.data) + first * v.width * size_of(v.type);
  v.rows = rows;
  return v;
}

/// Whether an output takes a result or has it added. Adding rounds to the output's type.
enum class Write : std::uint8_t { set, add };

}  // namespace headroom::kernels
