#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <headroom/models/memory.h>
#include <headroom/models/record.h>
#include <headroom/sim/predictor.h>

namespace headroom::test {

/// One birth or death, from either answer.
struct StepEvent {
  std::string tensor;
  Category category{};
  Bytes bytes;
  bool born = true;
  std::int64_t instant = 0;  ///< counts up with every new instant
};

[[nodiscard]] std::vector<StepEvent> predicted_events(const sim::Predictor& predictor, Tokens seq);
/// Of a record with a timeline.
[[nodiscard]] std::vector<StepEvent> measured_events(const Record& record);

/// The first of the largest totals and what was alive then.
struct StepPeak {
  Bytes total;
  BytesByCategory categories;
  std::size_t event = 0;

  [[nodiscard]] bool same_bytes(const StepPeak& other) const {
    return total == other.total && categories == other.categories;
  }
};

[[nodiscard]] StepPeak peak_of(const std::vector<StepEvent>& events);

/// Mistakes that a narration or a layer could make with one of its tensors.
enum class Mistake : std::uint8_t { dropped, doubled, wrong_type, dies_later };
inline constexpr Mistake kMistakes[] = {Mistake::dropped, Mistake::doubled, Mistake::wrong_type, Mistake::dies_later};

/// How many mistakes that change the peak the mutation test makes; it tells every one.
inline constexpr std::int64_t kPredictionMutants = 15893;
inline constexpr std::int64_t kLayerMutants = 14932;

/// A tensor as mistakes are made with it: by name and category.
struct Target {
  std::string tensor;
  Category category{};

  bool operator==(const Target&) const = default;
};

[[nodiscard]] std::vector<Target> targets_of(const std::vector<StepEvent>& events);

/// The events with the mistake made for every tensor of that name and category. dies_later: at the end of the next
/// instant instead of at its own time. wrong_type: fp32 instead of bf16 and the reverse.
[[nodiscard]] std::vector<StepEvent> with_mistake(const std::vector<StepEvent>& events, const Target& target,
                                                  Mistake mistake, bool bf16);

}  // namespace headroom::test
