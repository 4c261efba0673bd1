#include "job_request.h"

#include <algorithm>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>
#include <headroom/models/split.h>
#include <headroom/sim/combination.h>

#include "help.h"
#include "job_option.h"

namespace headroom::cli {
namespace {

constexpr std::string_view kAllMethods = "all";

/// The option's value as typed, or nothing when it is not there.
void add_text(CLI::App& app, std::optional<std::string>& value, const std::string& name, const std::string& placeholder,
              const std::string& description, const char* group) {
  app.add_option_function<std::string>(
         name, [&value](const std::string& text) { value = text; }, description)
      ->option_text(placeholder)
      ->group(group);
}

void add_switch(CLI::App& app, std::optional<std::string>& value, const JobOption& option) {
  const std::string names = option.name + ",!--no-" + option.name.substr(2);
  app.add_flag_function(
         names, [&value](std::int64_t count) { value = count > 0 ? "true" : "false"; }, option.description)
      ->disable_flag_override()
      ->group(option.group);
}

void append(std::vector<std::string>& notes, const std::vector<std::string>& more) {
  notes.insert(notes.end(), more.begin(), more.end());
}

template <class Name>
std::vector<Method> presets(const std::vector<Name>& names) {
  std::vector<Method> methods;
  methods.reserve(names.size());
  for (const Name& name : names) methods.push_back(method_preset(name).method);
  return methods;
}

bool is_arranged(const Job& job) { return rank_count(job.degrees) > 1; }

}  // namespace

void refuse_degrees_beside_devices(const JobRequest& request) {
  if (request.devices && is_arranged(request.jobs.front())) {
    throw InputError("--devices chooses the degrees: give it without --data-parallel and --sequence-parallel");
  }
}

void JobOptions::add_to(CLI::App& app, Methods methods, Length length) {
  allowed_ = methods;
  length_ = length;
  add_text(app, model_, "--model", "NAME|PATH", "a preset (headroom models), or a config.json", kJobGroup);
  add_text(app, hardware_, "--hardware", "NAME|PATH", "a preset (headroom hardware), or a file (docs/job.md)",
           kJobGroup);
  add_text(app, budget_, "--budget", "BYTES", "instead of --hardware: a limit on allocated bytes, such as 80GiB",
           kJobGroup);
  add_text(app, devices_, "--devices,--ranks", "N", "so many devices, a rank each, arranged as gets furthest",
           kJobGroup);
  const std::string names = fmt::format("{}", fmt::join(method_names(), ", "));
  add_text(app, method_, "--method", methods == Methods::one ? "NAME" : "NAME[,NAME]",
           methods == Methods::one ? names : names + "; or all, the default without --job", kJobGroup);
  if (length != Length::none) {
    add_text(app, seq_, "--seq", "TOKENS", "tokens per sequence; 128K = 131072, 1M = 1048576", kJobGroup);
  }
  add_text(app, file_, "--job", "FILE", "a saved job (docs/job.md); options beside it override it", kJobGroup);
  add_text(app, save_, "--save-job", "FILE", "also write the job to a file", kJobGroup);

  const Job standard;
  values_.resize(job_options().size());
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const JobOption& option = job_options()[i];
    const bool has_standard = option.group != kMethodGroup;
    if (option.placeholder.empty()) {
      add_switch(app, values_[i], option);
    } else {
      const std::string addition = has_standard ? fmt::format(" (default {})", option.show(standard)) : "";
      add_text(app, values_[i], option.name, option.placeholder, option.description + addition, option.group);
    }
  }
}

JobRequest JobOptions::build(bool use_file_method) const {
  JobRequest request;
  const Job base = base_job(request.notes);
  for (const Method& method : methods(base, use_file_method)) request.jobs.push_back(with_options(base, method));
  request.is_list = request.jobs.size() > 1 || method_ == kAllMethods;
  if (devices_) request.devices = parse_count(*devices_, "--devices");
  refuse_degrees_beside_devices(request);
  if (save_ && devices_) {
    throw InputError(
        "--save-job saves a job's own degrees: give --data-parallel and --sequence-parallel, not --devices");
  }
  if (save_) save(request);
  return request;
}

void JobOptions::supply(std::string_view name, const std::string& value) {
  std::optional<std::string>& option = name == "model"      ? model_
                                       : name == "hardware" ? hardware_
                                       : name == "method"   ? method_
                                                            : seq_;
  if (option) throw InputError(fmt::format("--{} and --vary {} exclude each other: give one of them", name, name));
  option = value;
}

JobOptions JobOptions::unsaved() const {
  JobOptions options = *this;
  options.save_.reset();
  return options;
}

bool JobOptions::gives(std::string_view name) const {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (job_options()[i].name == name) return values_[i].has_value();
  }
  return false;
}

Job JobOptions::base_job(std::vector<std::string>& notes) const {
  Job job = start_.value_or(Job());
  if (file_) {
    Read<Job> read = read_job(*file_);
    append(notes, read.notes);
    job = std::move(read.value);
  }
  read_parts(job, notes);
  if (seq_) job.seq = parse_tokens(*seq_, "--seq");
  if (length_ == Length::required && job.seq.count() == 0) {
    throw InputError("--seq is missing: give the tokens per sequence, such as --seq 128K");
  }
  return job;
}

void JobOptions::read_parts(Job& job, std::vector<std::string>& notes) const {
  if (!model_ && !has_base()) {
    throw InputError("--model is missing: give a preset (headroom models lists them) or the path of a config.json");
  }
  if (hardware_ && budget_) throw InputError("--hardware and --budget exclude each other: give one of them");
  if (!hardware_ && !budget_ && !has_base()) {
    throw InputError(
        "--hardware is missing: give a preset (headroom hardware lists them), a path, or --budget BYTES instead");
  }
  if (model_) {
    Read<Transformer> read = read_model(*model_);
    append(notes, read.notes);
    job.model = std::move(read.value);
  }
  if (hardware_) {
    Read<Device> read = read_device(*hardware_);
    append(notes, read.notes);
    job.device = std::move(read.value);
  }
  if (budget_) job.device = budget_device(parse_bytes(*budget_, "--budget"));
}

std::vector<Method> JobOptions::methods(const Job& base, bool use_file_method) const {
  if (method_ && allowed_ == Methods::one) return {method_preset(*method_).method};
  if (method_ && *method_ != kAllMethods) return presets(split(*method_, ','));
  if (!method_ && has_base() && (use_file_method || allowed_ == Methods::one)) return {base.method};
  if (allowed_ == Methods::several) return all_methods(base);
  throw InputError(fmt::format("--method is missing: give one of {}", fmt::join(method_names(), ", ")));
}

std::vector<Method> JobOptions::all_methods(const Job& base) const {
  const Job asked = with_options(base, base.method);
  const bool chooses_sequence = asked.method.sequence != base.method.sequence;
  return presets(devices_ || chooses_sequence ? method_names() : methods_on(asked.degrees));
}

Job JobOptions::with_options(Job job, const Method& method) const {
  job.method = method;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (values_[i]) job_options()[i].set(job, *values_[i]);
  }
  return job;
}

void JobOptions::save(const JobRequest& request) const {
  if (request.jobs.size() > 1) throw InputError("--save-job needs --method NAME: a job file holds one method");
  sim::check_combination(request.jobs.front());
  write_file_atomically(*save_, job_to_json(request.jobs.front()));
}

}  // namespace headroom::cli
