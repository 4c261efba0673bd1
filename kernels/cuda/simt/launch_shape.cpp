#include "launch_shape.h"

namespace headroom::kernels::simt {

std::string to_string(const LaunchShape& shape) {
  return "grid " + std::to_string(shape.blocks.x) + "x" + std::to_string(shape.blocks.y) + "x" +
         std::to_string(shape.blocks.z) + ", " + std::to_string(shape.threads) + " threads, " +
         std::to_string(shape.shared_bytes) + " B shared";
}

}  // namespace headroom::kernels::simt
