#pragma once

#include "run.h"

namespace headroom::measure {

/// Uploads the tokens `shift` places behind those of the run, of sequences from `first_sequence` on: the same in every
/// step, and by nothing but the seed.
void fill_tokens(const Run& run, const Tensor& ids, std::int64_t first_sequence, std::int64_t shift);
/// Uploads a parameter's first values from element `first` on, rounded to the type of `to`, which is one piece; padding
/// is zero. `number` tells parameters apart.
void fill_initial(Memory& memory, const kernels::View& to, std::int64_t first, const Parameter& parameter,
                  std::uint64_t seed, std::uint64_t number);

}  // namespace headroom::measure
