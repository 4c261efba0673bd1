#include "device_observer.h"

#include <cuda_runtime_api.h>

#include "catch.h"

using namespace headroom;
using measure::cuda::NoObserver;
using measure::cuda::observe_through_cupti;

TEST_CASE("CUPTI starts, or says why it does not with the call that failed or the library that is missing") {
  const bool kernels = GENERATE(false, true);
  try {
    const auto observer = observe_through_cupti(kernels);
    CHECK(observer->now() > 0);
  } catch (const NoObserver& reason) {
    INFO(reason.what());
    const std::string text = reason.what();
    const bool is_call = text.find("cupti ") == 0 && text.find(" failed at ") != std::string::npos;
    const bool is_library = text.find("libcupti") == 0;
    CHECK((is_call || is_library));
  }
}

TEST_CASE("CUPTI can be started again after it has stopped") {
  for (int round = 0; round < 2; ++round) {
    try {
      (void)observe_through_cupti(false);
    } catch (const NoObserver&) {
      SUCCEED("there is no CUPTI here");
    }
  }
}
