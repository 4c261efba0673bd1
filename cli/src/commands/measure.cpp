#include <charconv>
#include <limits>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/record.h>
#include <headroom/sim/combination.h>

#include "commands/commands.h"
#include "commands/measure_plan.h"
#include "csv.h"
#include "data_parts.h"
#include "deliver.h"
#include "exit_code.h"
#include "help.h"
#include "job_request.h"
#include "measure_program.h"
#include "output_options.h"
#include "prediction.h"
#include "wording.h"

namespace headroom::cli {
namespace {

struct Options {
  JobOptions job;
  std::string backend;
  std::string record, limit;
  std::string repeats = "1", steps = "1", threads = "0", device = "0";
  bool timeline = false, kernels = false, no_cupti = false, dry_run = false;
  OutputOptions output;
};

struct MeasureResult {
  std::string path;
  Record record;
  std::vector<std::string> notes;
};

std::int64_t parse_count(std::string_view text, std::int64_t least, std::string_view what) {
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < least || count > kMost) {
    throw InputError(fmt::format("{} must be a whole number from {}, not '{}'", what, least, text));
  }
  return count;
}

/// Several ranks are processes; one is the processor unless another backend is given.
Backend backend_of(const Options& options, const Job& job) {
  if (!options.backend.empty()) return value_of<Backend>(options.backend, "--backend");
  return rank_count(job.degrees) > 1 ? Backend::mpi : Backend::host;
}

/// The job, with its devices arranged as they need least.
Job job_of(const JobRequest& jobs) {
  if (!jobs.devices) return jobs.jobs.front();
  return predict_at_length(jobs).front().job;
}

void refuse_other_ranks(const MeasureRequest& request) {
  const std::int64_t ranks = rank_count(request.job.degrees);
  if (ranks == 1 || request.backend == Backend::mpi) return;
  throw InputError(fmt::format("the job runs on {} ranks, which --backend {} cannot; leave --backend out", ranks,
                               name_of(request.backend)));
}

MeasureRequest request_of(const Options& options, std::vector<std::string>& notes) {
  MeasureRequest request;
  if (options.record.empty() && !options.dry_run) throw InputError("--record is missing: give the file to write");
  const JobRequest jobs = options.job.build();
  notes = jobs.notes;
  request.job = job_of(jobs);
  sim::check_combination(request.job);
  request.backend = backend_of(options, request.job);
  refuse_other_ranks(request);
  request.record = options.record;
  request.repeats = parse_count(options.repeats, 1, "--repeats");
  request.steps = parse_count(options.steps, 1, "--steps");
  request.threads = parse_count(options.threads, 0, "--threads");
  if (!options.limit.empty()) request.limit = parse_bytes(options.limit, "--limit");
  request.timeline = options.timeline;
  request.device = parse_count(options.device, 0, "--device");
  request.kernels = options.kernels;
  request.no_cupti = options.no_cupti;
  if (request.backend != Backend::cuda && (request.device != 0 || request.kernels || request.no_cupti)) {
    throw InputError("--device, --kernels and --no-cupti are of a GPU: give --backend cuda too");
  }
  return request;
}

std::string instant_of(const MeasuredPeak& peak) {
  return peak.layer ? fmt::format("{}, layer {}", peak.instant, *peak.layer) : peak.instant;
}

std::string to_text(const MeasureResult& result, const Style& style) {
  const Record& record = result.record;
  const std::string title = fmt::format("{} at {} with {}, measured on {}", name_text(record.job.model.name),
                                        tokens_text(record.job.seq), method_text(record.job), record.device);
  const std::string where = record.ranks.empty() ? "" : fmt::format(" on the fullest of {} ranks", record.ranks.size());
  const std::string peak = fmt::format(
      "Allocated memory peaks with {} ({} bytes){} at {}, with the birth of {}.", format_bytes(record.allocated.total),
      format_grouped(record.allocated.total.count()), where, instant_of(record.allocated), record.allocated.tensor);
  return style.paint(wrap(title), Tone::bold) + "\n" + wrap(peak) + "\nThe record is in " + printable(result.path) +
         "\n";
}

nlohmann::ordered_json to_json(const MeasureResult& result) {
  nlohmann::ordered_json json{{"schema", "headroom/measure/1"},
                              {"record", result.path},
                              {"job", job_json(result.record.job)},
                              {"allocated_bytes", result.record.allocated.total.count()}};
  for (const auto& category : values_of<Category>()) {
    json["category_bytes"][std::string(category.name)] = result.record.allocated.categories[category.value].count();
  }
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const MeasureResult& result) {
  const Record& record = result.record;
  return csv_record({"record", "method", "seq_tokens", "allocated_bytes"}) +
         csv_record({result.path, record.job.method.name, format_count(record.job.seq.count()),
                     format_count(record.allocated.total.count())});
}

int exit_code(const MeasureResult& /*result*/) { return kFits; }

/// The code to exit with where the plan was asked for or does not fit.
std::optional<int> act_on_plan(const Options& options, MeasurePlan plan, Console& console) {
  if (options.dry_run) return deliver(plan, options.output, console);
  if (const std::string refusal = refusal_text(plan); !refusal.empty()) {
    console.err(fmt::format("headroom: {}\n", refusal));
  }
  const int code = exit_code(plan);
  return code == kFits ? std::nullopt : std::optional(code);
}

int act(const Options& options, Console& console) {
  MeasureResult result;
  const MeasureRequest request = request_of(options, result.notes);
  if (options.dry_run || request.backend == Backend::cuda) {
    MeasurePlan plan = plan_of(request);
    plan.notes = result.notes;
    if (const auto code = act_on_plan(options, std::move(plan), console)) return *code;
  }
  const int code = measure(request, console);
  if (code != kFits) return code;
  result.path = request.record;
  result.record = read_record(request.record).value;
  return deliver(result, options.output, console);
}

void add_text(CLI::App& app, std::string& value, const char* name, const char* placeholder, const std::string& text) {
  app.add_option(name, value, text)->option_text(placeholder)->group(kQuestionGroup);
}

}  // namespace

Action add_measure(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  options->job.add_to(app, JobOptions::Methods::one, JobOptions::Length::required);
  add_text(app, options->record, "--record", "FILE", "where the record goes (docs/records.md)");
  add_text(app, options->repeats, "--repeats", "N", "runs of the job (default 1)");
  add_text(app, options->steps, "--steps", "N", "training steps a run, or times that prompts are read (default 1)");
  add_text(app, options->threads, "--threads", "N", "threads; 0, the default: one for each processor");
  add_text(app, options->limit, "--limit", "BYTES", "refuse to allocate more than this, such as 512MiB");
  add_text(app, options->backend, "--backend", "NAME",
           describe_values("what runs the job", names_of<Backend>(), "host; mpi for several ranks"));
  add_text(app, options->device, "--device", "N", "which GPU, from 0 (default 0)");
  const auto add_flag = [&app](const char* name, bool& value, const char* text) {
    app.add_flag(name, value, text)->disable_flag_override()->group(kQuestionGroup);
  };
  add_flag("--kernels", options->kernels, "on a GPU, also record the time of each kernel");
  add_flag("--no-cupti", options->no_cupti, "on a GPU, measure without CUPTI");
  add_flag("--dry-run", options->dry_run, "print what would be measured and its bytes; measure nothing");
  add_flag("--timeline", options->timeline, "also record every birth and death of a tensor");
  options->output.add_to(app);
  return [options](Console& console) { return act(*options, console); };
}

}  // namespace headroom::cli
