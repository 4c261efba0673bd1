#pragma once

#include <optional>
#include <string>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/models/memory.h>
#include <headroom/sim/instant.h>

#include "model/csv.h"
#include "model/progress.h"
#include "model/scene.h"

/// The memory of one training step, or of inference, instant by instant.
namespace headroom::gui {

/// Tensors of one name that are alive together.
struct LiveGroup {
  std::string name;
  Category category{};
  std::int64_t count = 0;
  Bytes bytes;
};

/// One instant at its own peak.
struct InstantPeak {
  sim::Moment moment;
  BytesByCategory categories;   ///< with what the device spends outside tensors
  std::vector<LiveGroup> live;  ///< largest first
};

struct Timeline {
  Job job;
  std::string refused;  ///< a sentence; empty: told
  std::vector<InstantPeak> instants;
  std::size_t peak = 0;  ///< the first of the largest instants
};

/// Tells the whole step, layers and chunks one by one. Nothing where `progress` says no. A step of more events than
/// can be shown is refused in a sentence.
[[nodiscard]] std::optional<Timeline> tell_timeline(const Job& job, const Progress& progress);

[[nodiscard]] Scene timeline_scene(const Timeline& timeline);
[[nodiscard]] CsvTable timeline_csv(const Timeline& timeline);

}  // namespace headroom::gui
