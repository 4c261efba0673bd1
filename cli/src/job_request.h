#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <headroom/models/job.h>

namespace CLI {
class App;
}

namespace headroom::cli {

/// What a command is asked about: one job per method.
struct JobRequest {
  std::vector<Job> jobs;                ///< never empty
  bool is_list = false;                 ///< several methods were asked for, or all
  std::optional<std::int64_t> devices;  ///< to be arranged by each job's own degrees
  std::vector<std::string> notes;
};

/// Throws InputError where the number of devices and degrees are both given.
void refuse_degrees_beside_devices(const JobRequest& request);

/// The options that describe a job, as typed. The one place that builds a Job from them.
class JobOptions {
 public:
  enum class Methods { one, several };
  enum class Length { none, optional, required };

  /// Adds the options to a command that asks about one method or several, with or without --seq.
  void add_to(CLI::App& app, Methods methods, Length length);

  /// What is not given is taken from `job`, in place of the defaults; --job comes before it.
  void start_from(Job job) { start_ = std::move(job); }

  /// Gives "model", "hardware", "method" or "seq" a value as if it had been typed. Throws InputError where it was.
  void supply(std::string_view name, const std::string& value);
  /// The same options without --save-job.
  [[nodiscard]] JobOptions unsaved() const;
  /// `job` by another method, whose choices the options typed override.
  [[nodiscard]] Job with_method(Job job, const Method& method) const { return with_options(std::move(job), method); }

  /// Whether --job, or --save-job, is there.
  [[nodiscard]] bool has_file() const { return file_.has_value(); }
  [[nodiscard]] bool saves() const { return save_.has_value(); }
  /// Whether the option of job_options() called `name`, such as "--batch", was typed.
  [[nodiscard]] bool gives(std::string_view name) const;

  /// The jobs asked for. A job file's method counts only where `use_file_method` says so or no list is allowed.
  /// Writes --save-job's file. Throws InputError.
  [[nodiscard]] JobRequest build(bool use_file_method = true) const;

 private:
  [[nodiscard]] bool has_base() const { return file_ || start_; }
  [[nodiscard]] Job base_job(std::vector<std::string>& notes) const;
  void read_parts(Job& job, std::vector<std::string>& notes) const;
  [[nodiscard]] std::vector<Method> methods(const Job& base, bool use_file_method) const;
  [[nodiscard]] std::vector<Method> all_methods(const Job& base) const;
  [[nodiscard]] Job with_options(Job job, const Method& method) const;
  void save(const JobRequest& request) const;

  Methods allowed_ = Methods::one;
  Length length_ = Length::none;
  std::optional<std::string> file_, save_, model_, hardware_, budget_, method_, seq_, devices_;
  std::optional<Job> start_;
  std::vector<std::optional<std::string>> values_;  ///< of job_options(), in their order
};

}  // namespace headroom::cli
