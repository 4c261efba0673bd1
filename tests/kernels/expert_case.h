#pragma once

#include <cstdint>
#include <vector>

#include "operand.h"

namespace headroom::test {

/// A block of rows that choose among experts.
struct ExpertSizes {
  std::int64_t batch = 1;
  std::int64_t rows = 1;
  std::int64_t experts = 1;
  std::int64_t per_token = 1;
  std::int64_t capacity = 0;  ///< 0: none

  [[nodiscard]] std::int64_t places() const { return capacity > 0 ? experts * capacity : batch * rows * per_token; }
};

/// Some hundred rows and odd ones, one expert of one and of many, with room for all rows and for a few.
inline constexpr ExpertSizes kExpertSizes[] = {{1, 1, 1, 1, 0},   {2, 5, 4, 2, 0},    {1, 301, 8, 3, 0},
                                               {2, 5, 4, 2, 3},   {1, 301, 8, 3, 60}, {1, 7, 40, 5, 0},
                                               {2, 150, 3, 3, 0}, {2, 150, 3, 3, 301}};

/// What plain loops make of the logits, row by row.
struct ReferenceChoice {
  std::vector<std::int64_t> experts;  ///< [T][k]
  std::vector<std::int64_t> places;   ///< [T][k]; -1: dropped
  Values weights;                     ///< [T][k]
  std::vector<std::int64_t> first;    ///< [E + 1]
};

[[nodiscard]] ReferenceChoice reference_choice(const ExpertSizes& sizes, const Values& logits,
                                               const Values& correction);

/// A choice on the contract's device, as the backend makes it.
struct ChosenExperts {
  explicit ChosenExperts(const ExpertSizes& sizes, Place place = Place::whole);
  [[nodiscard]] kernels::ExpertChoice choice() const { return {experts, places, weights, first}; }

  Operand experts;
  Operand places;
  Operand weights;
  Operand first;
};

/// Random logits of these rows.
[[nodiscard]] Operand random_logits(const ExpertSizes& sizes, Place place = Place::whole);

}  // namespace headroom::test
