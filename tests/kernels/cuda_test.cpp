#include "cuda_device.h"

namespace headroom::test {

/// Lives until the process ends: CUDA may be gone when statics are destroyed.
Device& device() {
  static Device& device = *new CudaDevice;
  return device;
}

}  // namespace headroom::test
