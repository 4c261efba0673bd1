#pragma once

#include <cstdint>

#include "simt/element.h"
#include "vocabulary_rules.h"

namespace headroom::kernels::cuda {

/// Where the part has the row's id, -1 where it has not. Told where the vocabulary has not.
[[nodiscard]] HEADROOM_HD inline std::int64_t place_of(const ConstView& ids, std::int64_t row,
                                                       const Vocabulary& vocabulary, std::int32_t* fault) {
  const std::int64_t id = static_cast<const std::int32_t*>(ids.data)[simt::row_begin(ids, row)];
  if (!vocabulary.has(id)) *fault = 1;
  return vocabulary.part.place_of(id);
}

}  // namespace headroom::kernels::cuda
