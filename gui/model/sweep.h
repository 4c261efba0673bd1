#pragma once

#include <optional>
#include <string>
#include <vector>

#include <headroom/models/job.h>

#include "model/csv.h"
#include "model/progress.h"
#include "model/scene.h"

/// The longest context of several models on several devices by every method.
namespace headroom::gui {

/// Presets by name, and the settings they share.
struct SweepRequest {
  Job job;  ///< its own method takes the place of its preset
  std::vector<std::string> models;
  std::vector<std::string> devices;
};

/// The longest context of each method for one model on one device; 0: nothing fits, none: refused.
struct SweepGroup {
  std::string model;
  std::string device;
  std::vector<std::optional<Tokens>> longest;
};

struct Sweep {
  std::vector<std::string> methods;
  std::vector<SweepGroup> groups;
};

/// Nothing where `progress` says no.
[[nodiscard]] std::optional<Sweep> sweep(const SweepRequest& request, const Progress& progress);

[[nodiscard]] Scene sweep_scene(const Sweep& sweep);
[[nodiscard]] CsvTable sweep_csv(const Sweep& sweep);

}  // namespace headroom::gui
