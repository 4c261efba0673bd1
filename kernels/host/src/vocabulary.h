#pragma once

#include <cstdint>

#include "storage.h"
#include "vocabulary_rules.h"

namespace headroom::kernels::host {

/// The row's id.
[[nodiscard]] inline std::int64_t id_of(const ConstView& ids, std::int64_t row) {
  return static_cast<const std::int32_t*>(ids.data)[row_begin(ids, row)];
}

/// Where the part has the row's id, -1 where it has not. Throws by `rule` where the vocabulary has not.
[[nodiscard]] inline std::int64_t place_of(const ConstView& ids, std::int64_t row, const Vocabulary& vocabulary,
                                           const char* operation, const char* rule) {
  const std::int64_t id = id_of(ids, row);
  require(vocabulary.has(id), operation, rule);
  return vocabulary.part.place_of(id);
}

}  // namespace headroom::kernels::host
