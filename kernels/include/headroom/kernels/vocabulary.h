#pragma once

#include <cstdint>

namespace headroom::kernels {

/// A rank's part of a vocabulary: the entries first .. first + count of it, each a row of the table or a column of the
/// logits, the first one's first. Rows and columns beyond `count` are padding.
struct VocabularyPart {
  std::int64_t first = 0;
  std::int64_t count = 0;  ///< existing entries; 0: the rank has padding alone

  /// The row or column of an entry, -1 where it lies outside the part.
  [[nodiscard]] constexpr std::int64_t place_of(std::int64_t id) const {
    return id >= first && id - first < count ? id - first : -1;
  }
};

}  // namespace headroom::kernels
