#include "finite.h"

#include <cmath>
#include <limits>
#include <vector>

#include "bench.h"
#include "catch.h"

using namespace headroom;

namespace {

/// Whether a tensor is found finite that holds zeros, and this value as its last element.
bool is_found_finite(kernels::Type type, float value) {
  test::Bench bench;
  constexpr std::int64_t kElements = 9001;
  const measure::Tensor tensor = bench.memory.tensor({"t", Category::head_and_loss}, type, {1, 1, kElements});
  bench.backend->zero(tensor.view());
  const measure::Tensor last = bench.memory.tensor({"last", Category::head_and_loss}, kernels::Type::fp32, {});
  *static_cast<float*>(last.view().data) = value;
  kernels::View end = tensor.view();
  end.data = static_cast<std::byte*>(end.data) + (kElements - 1) * kernels::size_of(type);
  end.width = 1;
  bench.backend->convert(end, last.view());
  return measure::are_finite(bench.resource, tensor);
}

}  // namespace

TEST_CASE("a tensor that holds an infinity or no number anywhere is not finite, in either type") {
  for (const kernels::Type type : {kernels::Type::fp32, kernels::Type::bf16}) {
    for (const float value : {0.0F, -1.5F, 3e38F, 1e-40F}) CHECK(is_found_finite(type, value));
    for (const float value : {INFINITY, -INFINITY, std::numeric_limits<float>::quiet_NaN()}) {
      CHECK_FALSE(is_found_finite(type, value));
    }
  }
}
