#include "commands/sweep_plan.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/error.h>

#include "job_change.h"

namespace headroom::cli {
namespace {

constexpr std::string_view kOutsideFields[] = {"model", "hardware", "method", "seq"};

bool is_outside_fields(std::string_view name) {
  return std::ranges::find(kOutsideFields, name) != std::end(kOutsideFields);
}

std::vector<Vary> read_axes(const std::vector<std::string>& varied) {
  if (varied.empty()) throw InputError("what varies is missing: give --vary NAME=VALUES, such as --vary seq=8K:1M:*2");
  std::vector<Vary> axes;
  for (const std::string& text : varied) {
    Vary axis = parse_vary(text);
    const auto is_same = [&axis](const Vary& other) { return other.name == axis.name; };
    if (std::ranges::any_of(axes, is_same)) throw InputError(fmt::format("{} is given more than once", axis.what));
    axes.push_back(std::move(axis));
  }
  return axes;
}

/// An axis stands for the option of its name: the job is built with its first value.
void supply_first_values(JobOptions& options, const std::vector<Vary>& axes) {
  for (const Vary& axis : axes) {
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

/// Jobs with each value of the axis, for what a change reads from a file or brings several choices; notes told once.
std::vector<Job> jobs_with(const Vary& axis, const Job& base, std::vector<std::string>& notes) {
  std::vector<Job> jobs;
  for (const std::string& value : axis.values.samples()) {
    Job job = base;
    std::vector<std::string> own;
    apply({axis.name, value}, job, axis.what, own);
    for (std::string& note : own) {
      if (std::ranges::find(notes, note) == notes.end()) notes.push_back(std::move(note));
    }
    jobs.push_back(std::move(job));
  }
  return jobs;
}

/// How the axis sets a job's value. Every kind of value is tried on `base` first.
sim::SweepAxis sweep_axis(const Vary& axis, const Job& base, const JobOptions& options,
                          std::vector<std::string>& notes) {
  std::vector<Job> jobs = jobs_with(axis, base, notes);
  sim::SweepAxis result{axis.values.count(), {}, axis.name == "method"};
  const auto at = [](const std::vector<Job>& all, std::int64_t value) -> const Job& {
    return all[static_cast<std::size_t>(value)];
  };
  if (axis.name == "model") {
    result.set = [jobs, at](Job& job, std::int64_t value) { job.model = at(jobs, value).model; };
  } else if (axis.name == "hardware") {
    result.set = [jobs, at](Job& job, std::int64_t value) { job.device = at(jobs, value).device; };
  } else if (axis.name == "method") {
    result.set = [jobs, at, options](Job& job, std::int64_t value) {
      job = options.with_method(std::move(job), at(jobs, value).method);
    };
  } else {
    result.set = [axis](Job& job, std::int64_t value) {
      std::vector<std::string> none;
      apply({axis.name, axis.values.text(value)}, job, axis.what, none);
    };
  }
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
  std::vector<Vary> axes = read_axes(varied);
  supply_first_values(options, axes);
  std::vector<std::string> notes;
  const Job base = build_base(options, notes);
  std::optional<AxisValues> seq;
  std::vector<sim::SweepAxis> settings;
  for (const Vary& axis : axes) {
    sim::SweepAxis setting = sweep_axis(axis, base, options, notes);
    if (axis.name == "seq") seq = axis.values;
    if (axis.name != "seq") settings.push_back(std::move(setting));
  }
  std::erase_if(axes, [](const Vary& axis) { return axis.name == "seq"; });
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
