#include "honesty.h"

#include <fmt/format.h>

#include <headroom/models/format.h>
#include <headroom/sim/honesty.h>

#include "labelled.h"
#include "wording.h"

namespace headroom::cli {
namespace {

/// "verified" or "not yet measured", and behind it the methods of which it holds.
std::string status_text(const Honesty& honesty) {
  if (honesty.jobs.size() == 1) return sim::measured_status(honesty.jobs.front());
  std::vector<std::pair<std::string, std::string>> groups;
  for (const Job& job : honesty.jobs) {
    const std::string status = sim::measured_status(job);
    const std::string label = status.substr(0, status.find(':'));
    if (groups.empty() || groups.back().first != label) {
      groups.emplace_back(label, job.method.name);
    } else {
      groups.back().second += ", " + job.method.name;
    }
  }
  std::string text;
  for (const auto& [label, names] : groups) text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", label, names);
  return text;
}

std::string figure_text(const sim::Assumption& assumption) {
  return fmt::format("{} {} {}", assumption.subject, format_bytes(assumption.figure.bytes),
                     name_of(assumption.figure.certainty));
}

/// All figures of a job, without their origins.
std::string figures_text(const Job& job) {
  std::string figures;
  for (const sim::Assumption& assumption : sim::assumptions(job)) {
    figures += (figures.empty() ? "" : ", ") + figure_text(assumption);
  }
  return figures;
}

std::string closing_text(const Honesty& honesty, const Style& style) {
  return labelled("Note", sim::runtime_note(), style, Tone::dim) +
         labelled("Status", status_text(honesty), style, Tone::dim);
}

}  // namespace

std::string honesty_text(const Honesty& honesty, const Style& style) {
  std::string text;
  for (const sim::Assumption& assumption : sim::assumptions(honesty.jobs.front())) {
    const std::string origin = figure_text(assumption) + ": " + assumption.figure.origin;
    text += labelled(text.empty() ? "Rests on" : "", origin, style, Tone::dim);
  }
  return text + closing_text(honesty, style);
}

std::string short_honesty_text(const Honesty& honesty, const Style& style) {
  return labelled("Rests on", figures_text(honesty.jobs.front()) + " (origins: with one --method)", style, Tone::dim) +
         closing_text(honesty, style);
}

std::string honesty_text(const Job& first, const Job& second, const Style& style) {
  std::string text = labelled("Rests on", figures_text(first), style, Tone::dim);
  if (figures_text(second) != figures_text(first)) {
    text += labelled("", "second: " + figures_text(second), style, Tone::dim);
  }
  return text + labelled("Note", sim::runtime_note(), style, Tone::dim) +
         labelled("Status", "first: " + sim::measured_status(first), style, Tone::dim) +
         labelled("", "second: " + sim::measured_status(second), style, Tone::dim);
}

void add_honesty(nlohmann::ordered_json& json, const Honesty& honesty) {
  json["assumptions"] = nlohmann::ordered_json::array();
  for (const sim::Assumption& assumption : sim::assumptions(honesty.jobs.front())) {
    json["assumptions"].push_back({{"subject", assumption.subject},
                                   {"bytes", assumption.figure.bytes.count()},
                                   {"certainty", name_of(assumption.figure.certainty)},
                                   {"origin", assumption.figure.origin}});
  }
  json["runtime_note"] = sim::runtime_note();
}

}  // namespace headroom::cli
