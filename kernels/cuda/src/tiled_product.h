#pragma once

#include "products.h"
#include "simt/stream.h"

namespace headroom::kernels::cuda {

/// The product by a kernel of our own, for any types, steps and sizes.
void tiled_product(simt::Stream stream, const MatrixProduct& product);

}  // namespace headroom::kernels::cuda
