#include "commands/diff.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/job_change.h>
#include <headroom/models/job_field.h>
#include <headroom/models/read.h>

#include "commands/commands.h"
#include "deliver.h"
#include "exit_code.h"
#include "help.h"
#include "job_request.h"
#include "output_options.h"

namespace headroom::cli {
namespace {

constexpr const char* kWith = "--with";

struct Options {
  JobOptions job;
  std::vector<std::string> files;
  std::vector<std::string> changes;
  OutputOptions output;
};

/// A job file with the options beside it.
JobRequest read_request(const std::string& path, JobOptions options) {
  const Read<Job> read = read_job(path);
  options.start_from(read.value);
  JobRequest request = options.build();
  request.notes.insert(request.notes.begin(), read.notes.begin(), read.notes.end());
  return request;
}

/// The first request with the changes; a method comes before what changes one of its choices.
JobRequest changed(const JobRequest& first, const Options& options) {
  std::vector<JobChange> changes;
  for (const std::string& text : options.changes) changes.push_back(parse_change(text, kWith));
  std::stable_partition(changes.begin(), changes.end(), [](const JobChange& c) { return c.name == "method"; });
  JobRequest second{first.jobs, false, first.devices, {}};
  Job& job = second.jobs.front();
  for (const JobChange& change : changes) {
    apply(change, job, fmt::format("{} {}", kWith, change.name), second.notes);
    if (change.name == "method") job = options.job.with_method(job, job.method);
  }
  refuse_degrees_beside_devices(second);
  return second;
}

void refuse_contradictions(const Options& options) {
  if (options.files.size() > 2) throw InputError("diff compares two jobs; give two job files at most");
  if (!options.files.empty() && options.job.has_file()) {
    throw InputError("--job and a job file exclude each other: give the first job as one of them");
  }
  if (options.files.size() == 2 && !options.changes.empty()) {
    throw InputError("two job files and --with exclude each other: --with makes the second job from the first");
  }
  if (options.files.size() < 2 && options.changes.empty()) {
    throw InputError("the second job is missing: give two job files, or --with NAME=VALUE for what it has otherwise");
  }
}

Prediction predicted(const JobRequest& request, const char* which) {
  try {
    return predict_at_length(request).front();
  } catch (const OverflowError&) {
    throw;
  } catch (const InputError& error) {
    throw InputError(fmt::format("the {} job: {}", which, error.what()));
  }
}

void add_setting(DiffResult& result, const std::string& name, const std::string& first, const std::string& second) {
  if (first != second) result.settings.push_back({name, first, second});
}

void add_settings(DiffResult& result) {
  const Job& first = result.first.job;
  const Job& second = result.second.job;
  add_setting(result, "model", first.model.name, second.model.name);
  add_setting(result, "hardware", first.device.name, second.device.name);
  if (first.device.name == second.device.name) {
    add_setting(result, "capacity", format_bytes(first.device.capacity.bytes),
                format_bytes(second.device.capacity.bytes));
  }
  add_setting(result, "method", first.method.name, second.method.name);
  add_setting(result, "seq", format_count(first.seq.count()), format_count(second.seq.count()));
  for (const JobField& field : job_fields()) {
    if (field.applies(first) || field.applies(second)) {
      add_setting(result, field.name, field.show(first), field.show(second));
    }
  }
}

void add_notes(DiffResult& result, const JobRequest& request, const Prediction& prediction) {
  for (const std::string& note : notes_on(request, {prediction})) {
    if (std::find(result.notes.begin(), result.notes.end(), note) == result.notes.end()) result.notes.push_back(note);
  }
}

DiffResult answer(const Options& options) {
  refuse_contradictions(options);
  const JobRequest first =
      options.files.empty() ? options.job.build() : read_request(options.files.front(), options.job);
  const JobRequest second =
      options.files.size() == 2 ? read_request(options.files.back(), options.job.unsaved()) : changed(first, options);
  DiffResult result{predicted(first, "first"), predicted(second, "second"), {}, {}, {}};
  add_settings(result);
  result.difference = sim::difference(sim::Predictor(result.first.job), sim::Predictor(result.second.job));
  add_notes(result, first, result.first);
  add_notes(result, second, result.second);
  return result;
}

}  // namespace

int exit_code(const DiffResult&) { return kFits; }

Action add_diff(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("JOB", options->files, "job files (docs/job.md): both jobs, or the first");
  options->job.add_to(app, JobOptions::Methods::one, JobOptions::Length::required);
  app.add_option(kWith, options->changes,
                 "what the second job has otherwise: model, hardware, method, seq or a job option without its dashes; "
                 "may be given again")
      ->option_text("NAME=VALUE")
      ->allow_extra_args(false)
      ->group(kQuestionGroup);
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli
