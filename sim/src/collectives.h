#pragma once

#include <algorithm>
#include <cstdint>

#include <headroom/models/checked.h>
#include <headroom/sim/communication.h>

#include "narration/tensor.h"

namespace headroom::sim {

/// The tensor, or its piece, to each of some other ranks.
[[nodiscard]] inline Sent to_each(std::int64_t others, std::int64_t elements, DType type) {
  return {checked_mul(others, elements) * Bytes(element_size(type)), elements > 0 ? others : 0};
}

/// Collectives of a group of ranks, as one of them takes part.
class Collectives {
 public:
  Collectives(std::int64_t ranks, std::int64_t rank) : ranks_(ranks), rank_(rank) {}

  [[nodiscard]] Sent gather(const Tensor& whole) const { return to_each(ranks_ - 1, own(whole), whole.dtype); }
  [[nodiscard]] Sent reduce_scatter(const Tensor& whole) const {
    const std::int64_t elements = whole.shape.elements;
    const std::int64_t parts = ceil_div(elements, shard(whole));
    return {(elements - own(whole)) * Bytes(element_size(whole.dtype)), parts - (own(whole) > 0 ? 1 : 0)};
  }
  [[nodiscard]] Sent all_reduce(const Tensor& tensor) const { return reduce_scatter(tensor) + gather(tensor); }

  /// Of token runs, one of each rank and all equally long.
  [[nodiscard]] Sent gather_of(const Tensor& all) const {
    return to_each(ranks_ - 1, all.shape.elements / ranks_, all.dtype);
  }
  [[nodiscard]] Sent scatter_of(const Tensor& all) const { return gather_of(all); }

 private:
  [[nodiscard]] std::int64_t shard(const Tensor& whole) const { return ceil_div(whole.shape.elements, ranks_); }
  /// Elements of the rank's part: the last ranks' are shorter or empty.
  [[nodiscard]] std::int64_t own(const Tensor& whole) const {
    const std::int64_t before = std::min(checked_mul(rank_, shard(whole)), whole.shape.elements);
    return std::min(shard(whole), whole.shape.elements - before);
  }

  std::int64_t ranks_;
  std::int64_t rank_;
};

}  // namespace headroom::sim
