#pragma once

#include <stdexcept>
#include <string>

#include <cuda_runtime_api.h>

namespace headroom::kernels {

/// A call of CUDA or of one of its libraries that failed. The message is one sentence with the call's text, its file
/// and line, and the library's own words.
class CudaError : public std::runtime_error {
 public:
  CudaError(const std::string& message, cudaError_t code) : std::runtime_error(message), code_(code) {}
  /// cudaErrorUnknown where another library failed.
  [[nodiscard]] cudaError_t code() const { return code_; }

 private:
  cudaError_t code_;
};

/// Throws CudaError where `code` is not success.
void check_cuda(cudaError_t code, const char* call, const char* file, int line);

}  // namespace headroom::kernels

#define HEADROOM_CUDA(call) ::headroom::kernels::check_cuda((call), #call, __FILE__, __LINE__)
