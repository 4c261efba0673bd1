#include <headroom/kernels/cuda/emulated.h>

#include "cuda_backend.h"
#include "tiled_product.h"

namespace headroom::kernels {

namespace {

class TiledProducts final : public cuda::Products {
 public:
  void multiply(const cuda::MatrixProduct& product) override { cuda::tiled_product({}, product); }
};

}  // namespace

std::unique_ptr<Backend> make_emulated_cuda_backend() {
  return std::make_unique<cuda::CudaBackend>(simt::Stream{}, std::make_unique<TiledProducts>());
}

}  // namespace headroom::kernels
