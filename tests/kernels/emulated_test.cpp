#include <headroom/kernels/cuda/emulated.h>

#include "memory_device.h"

namespace headroom::test {

Device& device() {
  static MemoryDevice device(kernels::make_emulated_cuda_backend());
  return device;
}

}  // namespace headroom::test
