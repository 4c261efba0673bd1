#pragma once

#include <QString>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/sim/max_context.h>

#include "model/csv.h"
#include "model/progress.h"
#include "model/scene.h"

/// The longest context by method as devices are added: figure 1 of Ring Attention (arXiv 2310.01889).
namespace headroom::gui {

/// What is asked of the picture. The job's degrees and nodes make no difference, but for its pipeline's stages.
struct ScalingRequest {
  Job job;                           ///< its own method takes the place of its preset
  std::vector<std::string> methods;  ///< presets
  std::int64_t most_devices = 64;
  std::int64_t devices_per_node = 8;
  std::optional<StateSharding> sharding;  ///< of every method; none: as each has it
};

/// One method on so many devices.
struct ScalingCell {
  Job job;                                 ///< with the degrees that were chosen
  std::int64_t ways = 1;                   ///< of arranging the devices, of which these get furthest
  QString refused;                         ///< a sentence; empty: there is an answer
  std::optional<sim::MaxContext> longest;  ///< of 0 tokens where nothing fits

  /// Whether some length fits.
  [[nodiscard]] bool fits() const { return longest && longest->tokens > Tokens(0); }
};

/// Every method on so many devices, in the request's order.
struct ScalingGroup {
  std::int64_t devices = 1;
  std::vector<ScalingCell> cells;
};

struct Scaling {
  std::vector<QString> methods;
  std::vector<ScalingGroup> groups;
};

/// 1, 2, 4, ... and `most` behind them.
[[nodiscard]] std::vector<std::int64_t> device_counts(std::int64_t most);

/// Nothing where `progress` says no.
[[nodiscard]] std::optional<Scaling> find_scaling(const ScalingRequest& request, const Progress& progress);

[[nodiscard]] Scene scaling_scene(const Scaling& scaling);
[[nodiscard]] CsvTable scaling_csv(const Scaling& scaling);

/// The cell that a hit is on; null: none.
[[nodiscard]] const ScalingCell* cell_at(const Scaling& scaling, const Hit& hit);
/// What is said of one cell, in lines: its length or why there is none, its arrangement, what binds.
[[nodiscard]] QStringList cell_lines(const ScalingCell& cell);

}  // namespace headroom::gui
