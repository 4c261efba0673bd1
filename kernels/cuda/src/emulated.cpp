#include <headroom/kernels/cuda/emulated.h>

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include "cuda_backend.h"
#include "tiled_product.h"

namespace headroom::kernels {

namespace {

class TiledProducts final : public cuda::Products {
 public:
  void multiply(const cuda::MatrixProduct& product) override { cuda::tiled_product({}, product); }
};

/// Small, so that tests reach what kernels do where it is full.
constexpr std::size_t kWorkspace = std::size_t{64} << 10U;

struct Workspace {
  alignas(256) std::array<std::byte, kWorkspace> bytes;
};

/// The CUDA backend with a workspace of its own.
class EmulatedBackend final : public cuda::CudaBackend {
 public:
  explicit EmulatedBackend(std::unique_ptr<Workspace> workspace)
      : CudaBackend(simt::Stream{}, std::make_unique<TiledProducts>(), workspace->bytes),
        workspace_(std::move(workspace)) {}

 private:
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace

std::unique_ptr<Backend> make_emulated_cuda_backend() {
  return std::make_unique<EmulatedBackend>(std::make_unique<Workspace>());
}

}  // namespace headroom::kernels
