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

template <class Enum>
std::string_view description_of(Enum value) {
  for (const auto& named : values_of<Enum>()) {
    if (named.value == value) return named.description;
  }
  return "?";
}

/// The preset that a method says it started from; vanilla, as in job files, where it names none.
Method start_of(const Method& method) { return method_preset(method.name.empty() ? "vanilla" : method.name).method; }

}  // namespace

std::string instant_text(sim::Instant instant) { return std::string(description_of(instant)); }

std::string moment_text(sim::Moment moment) {
  const std::string name = instant_text(moment.instant);
  return sim::has_layer(moment.instant) ? fmt::format("{}, layer {}", name, moment.layer) : name;
}

std::string category_text(Category category) { return std::string(description_of(category)); }

std::string tokens_text(Tokens tokens) { return format_tokens(tokens) + (tokens.count() == 1 ? " token" : " tokens"); }

std::string percent_text(Bytes part, Bytes whole) {
  const double percent = 100.0 * static_cast<double>(part.count()) / static_cast<double>(whole.count());
  if (part.count() > 0 && percent < 0.05) return "<0.1 %";
  return fmt::format("{:.1f} %", percent);
}

bool is_budget(const Device& device) { return device == budget_device(device.capacity.bytes); }

std::string_view dtype_text(DType type) {
  switch (type) {
    case DType::fp32: return "fp32";
    case DType::bf16: return "bf16";
    case DType::int32: return "int32";
    case DType::uint8: return "uint8";
  }
  return "?";
}

std::string name_text(std::string_view name) { return clip(name, kLongestName); }

std::string subject_text(const Job& job) {
  const Device& device = job.device;
  const std::string place =
      is_budget(device) ? "within " + format_bytes(device.capacity.bytes) : "on one " + name_text(device.name);
  return name_text(job.model.name) + " " + place;
}

std::string method_text(const Job& job) {
  Job start = job;
  start.method = start_of(job.method);
  std::string text(job.method.name.empty() ? kOwnMethod : job.method.name);
  for (const JobOption& option : job_options()) {
    if (option.group != kMethodGroup || option.show(job) == option.show(start)) continue;
    text += fmt::format(" {} {}", option.name, option.show(job));
  }
  return text;
}

std::string settings_text(const Job& job) {
  std::string optimizer(name_of(job.optimizer.kind));
  if (job.optimizer.kind == OptimizerKind::adamw)
    optimizer += fmt::format(" with {} states", name_of(job.optimizer.states));
  return fmt::format("{}, {}, batch {}, recompute {}{}{}", name_of(job.precision), optimizer, format_grouped(job.batch),
                     format_recompute(job.recompute), job.accumulate ? ", accumulated gradients" : "",
                     job.dropout ? ", dropout" : "");
}

}  // namespace headroom::cli
