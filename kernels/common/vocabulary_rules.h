#pragma once

#include <headroom/kernels/vocabulary.h>

#include "check.h"

// What parts of a vocabulary ask of their operands, on every backend.
namespace headroom::kernels {

/// What an operation knows of a vocabulary: the part that it holds, and that ids of the whole lie in [0, end).
struct Vocabulary {
  VocabularyPart part;
  std::int64_t end = 0;

  [[nodiscard]] constexpr bool has(std::int64_t id) const { return id >= 0 && id < end; }
};

[[nodiscard]] constexpr Vocabulary whole_vocabulary(std::int64_t entries) { return {{0, entries}, entries}; }

/// A part does not tell how long the whole is: any id that is not negative may be another rank's.
[[nodiscard]] constexpr Vocabulary part_of_vocabulary(const VocabularyPart& part) {
  return {part, std::int64_t{1} << 31};
}

/// The part's entries find room in `held` rows or columns; `rule` says so.
inline void check_part(const VocabularyPart& part, std::int64_t held, const char* operation, const char* rule) {
  require(part.first >= 0 && part.count >= 0, operation, "the part of the vocabulary begins or counts below zero");
  require(part.count <= held, operation, rule);
}

}  // namespace headroom::kernels
