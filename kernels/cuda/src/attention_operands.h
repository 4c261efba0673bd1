#pragma once

#include <cstdint>

#include <headroom/kernels/view.h>

namespace headroom::kernels::cuda {

/// Whether an operand's rows can be copied 16 bytes at a time, given rows of whole 16 bytes.
[[nodiscard]] inline bool is_aligned(const ConstView& v) {
  constexpr std::int64_t kAlignment = 16;
  return reinterpret_cast<std::uintptr_t>(v.data) % kAlignment == 0 &&
         (v.batch == 1 || v.batch_stride * size_of(v.type) % kAlignment == 0);
}

/// Whether the tensor cores can read an operand; one that is empty is not read.
[[nodiscard]] inline bool suits_tensor_cores(const ConstView& v) {
  return !v || (v.type == Type::bf16 && is_aligned(v));
}

}  // namespace headroom::kernels::cuda
