#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/sim/predictor.h>

#include "prediction.h"
#include "style.h"

/// Every birth and death of one training step.
namespace headroom::cli {

inline constexpr std::size_t kMemories = 2;

/// What one event leaves alive: bytes of its own memory.
struct LiveBytes {
  std::int64_t event = 0;  ///< counted from 1, over both memories
  sim::Memory memory = sim::Memory::device;
  const sim::TimelineEvent& what;
  Bytes of_category;  ///< of the event's own
};

/// Writes a timeline event by event: whole lines each.
class TimelineWriter {
 public:
  TimelineWriter() = default;
  virtual ~TimelineWriter() = default;
  TimelineWriter(const TimelineWriter&) = delete;
  TimelineWriter& operator=(const TimelineWriter&) = delete;

  [[nodiscard]] virtual std::string begin() = 0;
  [[nodiscard]] virtual std::string lines(const LiveBytes& live) = 0;
  [[nodiscard]] virtual std::string end() = 0;
};

/// A record an event.
class TimelineCsv final : public TimelineWriter {
 public:
  [[nodiscard]] std::string begin() override;
  [[nodiscard]] std::string lines(const LiveBytes& live) override;
  [[nodiscard]] std::string end() override { return {}; }
};

/// Trace Event Format, as an object: each memory is a process with a counter for each category and for their sum, and
/// the device's process has a slice for each instant. An event is a microsecond.
class TimelineTrace final : public TimelineWriter {
 public:
  explicit TimelineTrace(Job job) : job_(std::move(job)) {}
  [[nodiscard]] std::string begin() override;
  [[nodiscard]] std::string lines(const LiveBytes& live) override;
  [[nodiscard]] std::string end() override;

 private:
  [[nodiscard]] std::string slice_edges(const LiveBytes& live);

  Job job_;
  std::optional<sim::Moment> moment_;
  std::int64_t last_ = 0;
};

/// One kind of instants of the step.
struct InstantFacts {
  std::int64_t times = 0;   ///< how often it comes
  std::int64_t events = 0;  ///< in all of them
  std::array<std::optional<sim::Peak>, kMemories> peaks;
};

/// The answer to timeline in few lines.
struct TimelineResult {
  Prediction prediction;
  std::array<InstantFacts, sim::kInstantCount> instants;
  std::array<std::int64_t, kMemories> events{};
  std::vector<std::string> notes;
};

[[nodiscard]] std::string to_text(const TimelineResult& result, const Style& style);
[[nodiscard]] nlohmann::ordered_json to_json(const TimelineResult& result);

}  // namespace headroom::cli
