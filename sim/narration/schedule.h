#pragma once

#include <cstdint>
#include <vector>

#include <headroom/models/method.h>
#include <headroom/models/transformer.h>

namespace headroom::sim {

/// The model's layers in order, as their kinds; kept as runs, so that a thousand equal layers cost what one costs.
/// Equal kinds count as one.
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

/// How ranges of layers are cut into stretches.
struct Cut {
  std::int64_t align;   ///< layers of a unit, or a divisor of them where the kinds' period is another one
  std::int64_t margin;  ///< layers at both ends of equal ones that are no copies of each other
};

/// The layers [begin, end) cut into stretches; a last unit may be shorter. `begin` starts a unit.
[[nodiscard]] std::vector<Stretch> stretches(const LayerPattern& pattern, std::int64_t begin, std::int64_t end,
                                             const Cut& cut);

/// The layers between two checkpoints: backward recomputes them together (Chen et al. 2016; k = 1: full recompute).
/// The lists spare the narrator from cutting ranges while it narrates.
struct Segment {
  std::int64_t first;
  std::int64_t layers;
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
  /// Layers that the works of others `ahead` of them touch are told one by one.
  LayerSchedule(const Transformer& model, const Recompute& recompute, std::int64_t ahead);

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
