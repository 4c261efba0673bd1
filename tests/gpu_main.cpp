// The one file that compiles Catch2's runner for tests on a CUDA device.
#define CATCH_CONFIG_RUNNER
#include <cstdio>

#include <cuda_runtime_api.h>

#include "catch.h"

namespace {

constexpr int kSkipped = 77;  // what ctest is told to take as "skipped"

}  // namespace

int main(int argc, char** argv) {
  int devices = 0;
  const cudaError_t error = cudaGetDeviceCount(&devices);
  if (error != cudaSuccess || devices == 0) {
    std::printf("skipped: no CUDA device (%s)\n", cudaGetErrorString(error));
    return kSkipped;
  }
  return Catch::Session().run(argc, argv);
}
