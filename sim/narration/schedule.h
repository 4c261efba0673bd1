#pragma once

#include <cstdint>
#include <vector>

#include <headroom/models/method.h>
#include <headroom/models/transformer.h>

namespace headroom::sim {

/// The model's layers in order, as their kinds; kept as runs, so that a thousand equal layers cost what one costs.
/// Kinds with the same tensors count as one.
class LayerPattern {
 public:
  explicit LayerPattern(const Transformer& model);

  [[nodiscard]] std::int64_t layers() const { return layers_; }
  /// Index into Transformer::kinds of layer `i`, 0 <= i < layers().
  [[nodiscard]] std::size_t kind_of(std::int64_t i) const;

  struct Run {
    std::int64_t begin;
    std::int64_t end;
    std::vector<std::size_t> period;
  };
  [[nodiscard]] const Run& run_at(std::int64_t layer) const;

 private:
  std::vector<Run> runs_;
  std::int64_t layers_ = 0;
};

/// `repeat` copies, one behind the other, of the layers [first, first + unit): copy j has the same kinds as copy 0.
struct Stretch {
  std::int64_t first;
  std::int64_t unit;
  std::int64_t repeat;
};

/// The layers [begin, end) cut into stretches whose units are `align` layers each, or a common multiple of `align`
/// and the kinds' period; a last unit may be shorter. `begin` starts a unit.
[[nodiscard]] std::vector<Stretch> stretches(const LayerPattern& pattern, std::int64_t begin, std::int64_t end,
                                             std::int64_t align);

/// The layers between two checkpoints: backward recomputes them together (Chen et al. 2016; k = 1: full recompute).
/// The three lists spare the narrator from cutting ranges while it narrates.
struct Segment {
  std::int64_t first;
  std::int64_t layers;
  std::vector<Stretch> all;
  std::vector<Stretch> without_first;
  std::vector<Stretch> without_last;
};

/// A stretch whose unit is whole segments.
struct SegmentStretch {
  std::vector<Segment> segments;  ///< of copy 0
  std::int64_t unit;              ///< layers
  std::int64_t repeat;
};

/// How a job walks its layers, prepared once a job: grouped into equal stretches for the fast listeners. The plain
/// unrolling uses the pattern and the segment length alone, so that neither knows of the other.
class LayerSchedule {
 public:
  LayerSchedule(const Transformer& model, const Recompute& recompute);

  [[nodiscard]] const LayerPattern& pattern() const { return pattern_; }
  [[nodiscard]] const std::vector<SegmentStretch>& stretches() const { return stretches_; }
  /// Layers between checkpoints: 1 unless every k.
  [[nodiscard]] std::int64_t segment_layers() const { return segment_layers_; }

 private:
  LayerPattern pattern_;
  std::int64_t segment_layers_;
  std::vector<SegmentStretch> stretches_;
};

}  // namespace headroom::sim
