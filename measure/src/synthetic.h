#pragma once

#include "run.h"

namespace headroom::measure {

/// Uploads the micro-batch's tokens and, one place on, its targets: the same in every step, and by nothing but the
/// seed.
void fill_tokens(const Run& run, const Tensor& ids, const Tensor& targets);
/// Uploads the parameter's first values, rounded to the tensor's type. `number` tells parameters apart.
void fill_initial(Memory& memory, const Tensor& tensor, const Initial& initial, std::uint64_t seed,
                  std::uint64_t number);

}  // namespace headroom::measure
