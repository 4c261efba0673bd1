#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <headroom/models/job.h>

namespace headroom::cli {

/// One option of the command line that changes one thing of a job.
struct JobOption {
  std::string name;         ///< "--head"
  std::string placeholder;  ///< what stands for the value in help; empty: a switch
  std::string description;  ///< with the accepted values
  const char* group;
  /// Throws InputError that names the option.
  std::function<void(Job& job, std::string_view text)> set;
  /// The job's value as it would be typed.
  std::function<std::string(const Job& job)> show;
};

/// All of them but the model, the device and the method's name.
[[nodiscard]] std::span<const JobOption> job_options();

}  // namespace headroom::cli
