#include "commands/sweep_plan.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/job_change.h>

#include "vary_option.h"

namespace headroom::cli {
namespace {

constexpr std::string_view kOutsideFields[] = {"model", "hardware", "method", "seq"};

bool is_outside_fields(std::string_view name) {
  return std::ranges::find(kOutsideFields, name) != std::end(kOutsideFields);
}

std::vector<Variation> read_axes(const std::vector<std::string>& varied) {
  if (varied.empty()) throw InputError("what varies is missing: give --vary NAME=VALUES, such as --vary seq=8K:1M:*2");
  std::vector<Variation> axes;
  for (const std::string& text : varied) {
    Variation axis = parse_vary(text);
    const auto is_same = [&axis](const Variation& other) { return other.name == axis.name; };
    if (std::ranges::any_of(axes, is_same)) throw InputError(fmt::format("{} is given more than once", axis.what));
    axes.push_back(std::move(axis));
  }
  return axes;
}

/// An axis stands for the option of its name: the job is built with its first value.
void supply_first_values(JobOptions& options, const std::vector<Variation>& axes) {
  for (const Variation& axis : axes) {
    if (is_outside_fields(axis.name)) {
      Job tried;
      std::vector<std::string> notes;
      apply({axis.name, axis.values.text(0)}, tried, axis.what, notes);
      options.supply(axis.name, axis.values.text(0));
    } else if (options.gives("--" + axis.name)) {
      throw InputError(fmt::format("--{} and {} exclude each other: give one of them", axis.name, axis.what));
    }
  }
}

Job build_base(const JobOptions& options, std::vector<std::string>& notes) {
  JobRequest request = options.build();
  if (request.devices) {
    throw InputError("--devices arranges one job; vary the degrees instead, such as --vary data-parallel=1,2,4");
  }
  notes = std::move(request.notes);
  return request.jobs.front();
}

/// A method brings its own choices, but for those that options name.
sim::SweepAxis sweep_axis(const Variation& axis, const Job& base, const JobOptions& options,
                          std::vector<std::string>& notes) {
  sim::SweepAxis result = sim::sweep_axis(axis, base, notes);
  if (axis.name != "method") return result;
  result.set = [set = std::move(result.set), options](Job& job, std::int64_t value) {
    set(job, value);
    job = options.with_method(job, job.method);
  };
  return result;
}

sim::SweepQuestion question_of(const std::optional<AxisValues>& seq, const Job& base,
                               const std::optional<sim::Grid>& grid) {
  if (grid) return *grid;
  if (!seq) return sim::SweepLengths{1, [length = base.seq](std::int64_t) { return length; }};
  return sim::SweepLengths{seq->count(), [values = *seq](std::int64_t value) { return Tokens(values.number(value)); }};
}

}  // namespace

SweepPlan plan_sweep(JobOptions options, const std::vector<std::string>& varied, const GridOption& grid_option) {
  if (options.saves()) throw InputError("--save-job saves one job; leave it out of a sweep");
  std::vector<Variation> axes = read_axes(varied);
  supply_first_values(options, axes);
  std::vector<std::string> notes;
  const Job base = build_base(options, notes);
  std::optional<AxisValues> seq;
  std::vector<sim::SweepAxis> settings;
  for (const Variation& axis : axes) {
    sim::SweepAxis setting = sweep_axis(axis, base, options, notes);
    if (axis.name == "seq") seq = axis.values;
    if (axis.name != "seq") settings.push_back(std::move(setting));
  }
  std::erase_if(axes, [](const Variation& axis) { return axis.name == "seq"; });
  std::optional<sim::Grid> grid;
  if (base.seq == Tokens(0)) grid = grid_option.grid();
  sim::Sweep sweep(base, std::move(settings), question_of(seq, base, grid));
  return {std::move(sweep), std::move(axes), std::move(seq), grid, base, std::move(notes)};
}

std::vector<std::string> SweepPlan::values_of(std::int64_t row) const {
  const std::vector<std::int64_t> chosen = sweep.values(row);
  std::vector<std::string> values;
  for (std::size_t i = 0; i < axes.size(); ++i) values.push_back(axes[i].values.text(chosen[i]));
  return values;
}

}  // namespace headroom::cli
