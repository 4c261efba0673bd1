#pragma once

#include <algorithm>
#include <cstdint>

namespace headroom::sim {

/// The works of a micro-batch, numbered in their order, and the unit of parameters that each has (docs/runtime.md 10.2,
/// prefetch). A unit is known by its layer; the embedding and the head have numbers outside of the layers'.
class Works {
 public:
  static constexpr std::int64_t kEmbedding = 0;
  static constexpr std::int64_t kEmbeddingUnit = -1;

  /// `segment`: layers that are recomputed together, 1 where none are. `ahead`: works that a unit comes in front of its
  /// own.
  Works(std::int64_t layers, std::int64_t segment, std::int64_t ahead)
      : layers_(layers), segment_(segment), last_segment_((layers - 1) / segment), ahead_(ahead) {}

  [[nodiscard]] std::int64_t forward(std::int64_t layer) const { return 1 + layer; }
  [[nodiscard]] std::int64_t head() const { return 1 + layers_; }
  [[nodiscard]] std::int64_t head_unit() const { return layers_; }
  /// Also the backward of a segment's last layer.
  [[nodiscard]] std::int64_t recompute(std::int64_t layer) const {
    return backward_of_segment(layer / segment_) + layer % segment_;
  }
  [[nodiscard]] std::int64_t backward(std::int64_t layer) const {
    const std::int64_t of = layer / segment_;
    return backward_of_segment(of) + 2 * (layers_in(of) - 1) - layer % segment_;
  }
  [[nodiscard]] std::int64_t count() const { return backward(0) + 1; }

  [[nodiscard]] std::int64_t unit(std::int64_t work) const {
    if (work <= head()) return work - 1;
    const std::int64_t behind_last = work - backward_of_segment(last_segment_) - works_in(last_segment_);
    const bool is_last = behind_last < 0;
    const std::int64_t of = is_last ? last_segment_ : last_segment_ - 1 - behind_last / works_in(0);
    const std::int64_t at = is_last ? behind_last + works_in(last_segment_) : behind_last % works_in(0);
    return of * segment_ + std::min(at, 2 * (layers_in(of) - 1) - at);
  }

  /// Whether the work's unit has to come for it: none of the works in front of it has brought it this far.
  [[nodiscard]] bool comes(std::int64_t work) const {
    return is_unlike(unit(work), std::max<std::int64_t>(work - ahead_, 0), work);
  }
  /// Whether the unit goes behind the work: none of the next works has it.
  [[nodiscard]] bool goes(std::int64_t work) const {
    return is_unlike(unit(work), work + 1, std::min(work + 1 + ahead_, count()));
  }

  /// come(unit) for what comes in front of the work.
  template <class Come>
  void in_front_of(std::int64_t work, Come come) const {
    const std::int64_t end = std::min(work + ahead_ + 1, count());
    for (std::int64_t at = work == kEmbedding ? work : work + ahead_; at < end; ++at) {
      if (comes(at)) come(unit(at));
    }
  }

 private:
  [[nodiscard]] std::int64_t layers_in(std::int64_t segment) const {
    return segment == last_segment_ ? layers_ - segment * segment_ : segment_;
  }
  [[nodiscard]] std::int64_t works_in(std::int64_t segment) const { return 2 * layers_in(segment) - 1; }
  /// The first work of the segment's backward.
  [[nodiscard]] std::int64_t backward_of_segment(std::int64_t segment) const {
    if (segment == last_segment_) return head() + 1;
    return head() + 1 + works_in(last_segment_) + (last_segment_ - 1 - segment) * works_in(segment);
  }
  /// Whether the works from `first` to in front of `end` have other units.
  [[nodiscard]] bool is_unlike(std::int64_t of, std::int64_t first, std::int64_t end) const {
    for (std::int64_t at = first; at < end; ++at) {
      if (unit(at) == of) return false;
    }
    return true;
  }

  std::int64_t layers_;
  std::int64_t segment_;
  std::int64_t last_segment_;
  std::int64_t ahead_;
};

}  // namespace headroom::sim
