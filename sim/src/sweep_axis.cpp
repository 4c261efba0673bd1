#include <algorithm>
#include <utility>

#include <headroom/models/job_change.h>
#include <headroom/sim/sweep.h>

namespace headroom::sim {
namespace {

/// Jobs with each value of the axis, for what a change reads from a file or brings several choices; notes told once.
std::vector<Job> jobs_with(const Variation& axis, const Job& base, std::vector<std::string>& notes) {
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

/// Gives a job the part of one of `jobs`.
template <class Part>
std::function<void(Job&, std::int64_t)> set_part(std::vector<Job> jobs, Part Job::*part) {
  return [jobs = std::move(jobs), part](Job& job, std::int64_t value) {
    job.*part = jobs[static_cast<std::size_t>(value)].*part;
  };
}

}  // namespace

SweepAxis sweep_axis(const Variation& variation, const Job& base, std::vector<std::string>& notes) {
  std::vector<Job> jobs = jobs_with(variation, base, notes);
  const std::int64_t count = variation.values.count();
  if (variation.name == "model") return {count, set_part(std::move(jobs), &Job::model)};
  if (variation.name == "hardware") return {count, set_part(std::move(jobs), &Job::device)};
  if (variation.name == "method") return {count, set_part(std::move(jobs), &Job::method), true};
  return {count, [variation](Job& job, std::int64_t value) {
            std::vector<std::string> none;
            apply({variation.name, variation.values.text(value)}, job, variation.what, none);
          }};
}

}  // namespace headroom::sim
