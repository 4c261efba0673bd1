#pragma once

#include <headroom/measure/resource.h>
#include <headroom/measure/tensor.h>

namespace headroom::measure {

/// Whether a tensor, fp32 or bf16 and in one piece, holds finite numbers alone. The device must have written it.
[[nodiscard]] bool are_finite(Resource& resource, const Tensor& tensor);

}  // namespace headroom::measure
