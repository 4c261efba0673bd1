#include <headroom/kernels/cuda/cuda_check.h>

namespace headroom::kernels {

void check_cuda(cudaError_t code, const char* call, const char* file, int line) {
  if (code == cudaSuccess) return;
  throw CudaError(std::string(call) + " failed at " + file + ":" + std::to_string(line) + ": " +
                      cudaGetErrorString(code) + " (" + cudaGetErrorName(code) + ")",
                  code);
}

}  // namespace headroom::kernels
