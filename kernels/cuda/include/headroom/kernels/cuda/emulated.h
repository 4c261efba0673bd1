#pragma once

#include <memory>

#include <headroom/kernels/backend.h>

namespace headroom::kernels {

/// The CUDA kernels run by the emulator on the processor: slow, for tests where there is no device. Memory is the
/// program's own.
[[nodiscard]] std::unique_ptr<Backend> make_emulated_cuda_backend();

}  // namespace headroom::kernels
