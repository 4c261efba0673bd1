#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <cuda_runtime_api.h>

#include "products.h"

namespace headroom::kernels::cuda {

/// Products by cuBLASLt within `workspace`; those it does not offer (operands of two types, addresses or steps that are
/// not multiples of 4 bytes, empty sums) by tiled_product.
[[nodiscard]] std::unique_ptr<Products> make_cublas_products(cudaStream_t stream, std::span<std::byte> workspace);

}  // namespace headroom::kernels::cuda
