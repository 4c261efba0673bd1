#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/format.h>

#include "commands/timeline.h"
#include "data_parts.h"
#include "honesty.h"
#include "labelled.h"
#include "memory_table.h"
#include "table.h"
#include "wording.h"

namespace headroom::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kDevice = static_cast<std::size_t>(sim::Memory::device);
constexpr auto kHost = static_cast<std::size_t>(sim::Memory::host);

bool is_told(const InstantFacts& facts) { return facts.events > 0; }

Cell peak_cell(const std::optional<sim::Peak>& peak, Bytes most) {
  if (!peak) return "";
  return {format_bytes(peak->allocated), peak->allocated == most ? Tone::accent : Tone::plain};
}

void add_instant(Table& table, const TimelineResult& result, sim::Instant instant) {
  const InstantFacts& facts = result.instants[static_cast<std::size_t>(instant)];
  if (!is_told(facts)) return;
  const auto& peak = facts.peaks[kDevice];
  const bool has_layer = peak && sim::has_layer(instant);
  std::vector<Cell> row{instant_text(instant), format_grouped(facts.times), format_grouped(facts.events),
                        peak_cell(peak, result.prediction.breakdown.allocated),
                        has_layer ? format_grouped(peak->moment.layer) : std::string()};
  if (result.events[kHost] > 0)
    row.push_back(peak_cell(facts.peaks[kHost], result.prediction.breakdown.host.allocated));
  table.add(std::move(row));
}

std::string events_text(const TimelineResult& result) {
  const std::int64_t host = result.events[kHost];
  std::string text = fmt::format("{} births and deaths", format_grouped(result.events[kDevice]));
  if (host > 0) text += fmt::format(" on the device, {} on the host", format_grouped(host));
  return text;
}

Json peak_json(const std::optional<sim::Peak>& peak) {
  if (!peak) return nullptr;
  Json json{{"allocated_bytes", peak->allocated.count()}};
  add_moment(json, peak->moment);
  return json;
}

Json instant_json(sim::Instant instant, const InstantFacts& facts) {
  return {{"instant", name_of(instant)},
          {"times", facts.times},
          {"events", facts.events},
          {"device_peak", peak_json(facts.peaks[kDevice])},
          {"host_peak", peak_json(facts.peaks[kHost])}};
}

}  // namespace

std::string to_text(const TimelineResult& result, const Style& style) {
  const Job& job = result.prediction.job;
  std::vector<Column> columns{{"instant"},
                              {"times", Align::right},
                              {"events", Align::right},
                              {"allocated,\nat most", Align::right},
                              {"in\nlayer", Align::right}};
  if (result.events[kHost] > 0) columns.push_back({"on the host,\nat most", Align::right});
  Table table(columns);
  for (const auto& named : values_of<sim::Instant>()) add_instant(table, result, named.value);
  const std::string verdict = result.prediction.fits() ? "fits" : "does not fit";
  return heading(
             fmt::format("{} at {} with {}: {}", subject_text(job), tokens_text(job.seq), method_text(job), verdict),
             settings_text(job), style) +
         peak_line(result.prediction.breakdown, job.device) + table.text(style, 2) + "\n" +
         labelled("Events", events_text(result), style) +
         labelled("Each of them", "--format csv, or --format trace for ui.perfetto.dev", style) + "\n" +
         honesty_text({{job}}, style);
}

Json to_json(const TimelineResult& result) {
  Json json{{"schema", "headroom/timeline/1"}};
  json.update(prediction_json(result.prediction));
  json["device_events"] = result.events[kDevice];
  json["host_events"] = result.events[kHost];
  json["instants"] = Json::array();
  for (const auto& named : values_of<sim::Instant>()) {
    const InstantFacts& facts = result.instants[static_cast<std::size_t>(named.value)];
    if (is_told(facts)) json["instants"].push_back(instant_json(named.value, facts));
  }
  add_honesty(json, {{result.prediction.job}});
  json["notes"] = result.notes;
  return json;
}

}  // namespace headroom::cli
