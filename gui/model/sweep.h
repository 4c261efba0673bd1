#pragma once

#include <QString>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/variation.h>
#include <headroom/sim/sweep.h>

#include "model/csv.h"
#include "model/progress.h"
#include "model/scene.h"

/// Many jobs side by side: every combination of the values of up to three things, as `headroom sweep` answers them.
namespace headroom::gui {

/// What is asked of every job.
enum class Asked : std::uint8_t { longest_context, peak };

struct SweepRequest {
  Job job;                        ///< its own method takes the place of its preset
  std::vector<Variation> groups;  ///< the first varies slowest
  Variation series;               ///< a colour each
  Asked asked = Asked::longest_context;
};

/// What varies, as it is shown.
struct SweptAxis {
  std::string name;  ///< as the command line has it
  QString title;
  std::vector<QString> values;
};

/// The answers, or a sentence why there are none.
struct Sweep {
  Asked asked = Asked::longest_context;
  Tokens seq;                             ///< of the job, for its peak
  std::vector<SweptAxis> axes;            ///< those of the groups, then that of the series
  std::vector<sim::SweepAnswer> answers;  ///< of every combination; the first axis varies slowest
  QString refused;

  /// Which value each axis has in one of the answers.
  [[nodiscard]] std::vector<std::size_t> values_of(std::size_t answer) const;
};

/// The jobs of a request, to be answered.
struct SweepPlan {
  Sweep outline;  ///< without answers
  sim::Sweep jobs;
  std::vector<std::size_t> order;  ///< of each of the outline's axes: its place among the values of a row
};

/// What the panel and the command line call `name`, one of change_names(), in a form.
[[nodiscard]] QString axis_title(std::string_view name);

/// Throws InputError: a value that is not accepted, an axis twice, more bars than can be told apart, lengths where the
/// longest is asked for.
[[nodiscard]] SweepPlan plan_sweep(const SweepRequest& request);
/// Nothing where `progress` says no.
[[nodiscard]] std::optional<Sweep> answer_sweep(const SweepPlan& plan, const Progress& progress);

[[nodiscard]] Scene sweep_scene(const Sweep& sweep);
/// The columns of `headroom sweep --format csv`.
[[nodiscard]] CsvTable sweep_csv(const Sweep& sweep);

}  // namespace headroom::gui
