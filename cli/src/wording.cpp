#include "wording.h"

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/presets.h>

#include "help.h"
#include "job_option.h"
#include "text.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kLongestName = 30;
constexpr std::string_view kOwnMethod = "custom";

/// The preset that a method says it started from; vanilla, as in job files, where it names none.
Method start_of(const Method& method) { return method_preset(method.name.empty() ? "vanilla" : method.name).method; }

}  // namespace

std::string instant_text(sim::Instant instant) { return std::string(description_of(instant)); }

std::string moment_text(sim::Moment moment) { return sim::format_moment(moment); }

std::string category_text(Category category) { return std::string(description_of(category)); }

std::string tokens_text(Tokens tokens) { return format_tokens(tokens) + (tokens.count() == 1 ? " token" : " tokens"); }

std::string name_text(std::string_view name) { return clip(name, kLongestName); }

std::string subject_text(const Job& job) {
  const Device& device = job.device;
  const std::int64_t ranks = rank_count(job.degrees);
  const std::string of_each = ranks == 1 ? "" : fmt::format(" on each of {} ranks", format_grouped(ranks));
  const std::string count = ranks == 1 ? "one" : format_grouped(ranks);
  const std::string place = is_budget(device) ? "within " + format_bytes(device.capacity.bytes) + of_each
                                              : fmt::format("on {} {}", count, name_text(device.name));
  return name_text(job.model.name) + " " + place;
}

std::string method_text(const Job& job) {
  Job start = job;
  start.method = start_of(job.method);
  std::string text(job.method.name.empty() ? kOwnMethod : job.method.name);
  for (const JobOption& option : job_options()) {
    if (option.group != kMethodGroup || option.show(job) == option.show(start)) continue;
    const std::string value = option.show(job);
    text += option.placeholder.empty() ? fmt::format(" --{}{}", value == "true" ? "" : "no-", option.name.substr(2))
                                       : fmt::format(" {} {}", option.name, value);
  }
  return text;
}

std::string settings_text(const Job& job) { return format_settings(job); }

}  // namespace headroom::cli
