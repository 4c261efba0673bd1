#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/format.h>

#include "commands/sweep.h"
#include "csv.h"
#include "data_parts.h"
#include "honesty.h"

namespace headroom::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRefusals = 1000;  ///< sentences that are told apart
constexpr std::size_t kShownRefusals = 5;

const char* length_key(const SweepPlan& plan) { return plan.grid ? "max_context_tokens" : "seq_tokens"; }

void append_count(std::string& text, std::int64_t count) {
  const fmt::format_int digits(count);
  text.append(digits.data(), digits.size());
}

/// ",key:bytes"
void append_key(std::string& text, const char* key, std::int64_t count) {
  text += ",\"";
  text += key;
  text += "\":";
  append_count(text, count);
}

std::string json_string(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// {"method":"flash","batch":4}
void append_values(std::string& text, const SweepPlan& plan, std::int64_t row) {
  const std::vector<std::int64_t> chosen = plan.sweep.values(row);
  text += "{";
  for (std::size_t i = 0; i < plan.axes.size(); ++i) {
    const AxisValues& values = plan.axes[i].values;
    const std::string value = values.text(chosen[i]);
    text += i > 0 ? ",\"" : "\"";
    text += plan.axes[i].name + "\":" + (values.is_number(chosen[i]) ? value : json_string(value));
  }
  text += "}";
}

void append_figures(std::string& text, const SweepPlan& plan, const sim::SweepAnswer& answer) {
  append_key(text, "allocated_bytes", answer.allocated.count());
  append_key(text, "device_bytes", answer.device.count());
  append_key(text, "capacity_bytes", answer.capacity.count());
  append_key(text, "host_bytes", answer.host.count());
  text += fmt::format(
      R"(,"instant":"{}","layer":{},"pipeline_stage":{},"binding":"{}")", name_of(answer.moment.instant),
      sim::has_layer(answer.moment.instant) ? layer_field(answer.moment) : "null",
      answer.moment.stage != sim::Moment::kNoStage ? stage_field(answer.moment) : "null", name_of(answer.binding));
  if (plan.grid) text += answer.host_binds ? R"(,"host_binds":true)" : R"(,"host_binds":false)";
}

}  // namespace

std::string SweepCsv::begin() const {
  std::vector<std::string> header;
  for (const Variation& axis : plan().axes) header.push_back(axis.name);
  header.insert(header.end(), {length_key(plan()), "refused", "fits", "allocated_bytes", "device_bytes",
                               "capacity_bytes", "host_bytes", "instant", "layer", "pipeline_stage", "binding"});
  if (plan().grid) header.push_back("host_binds");
  return csv_record(header);
}

std::string SweepCsv::line(std::int64_t row, const sim::SweepAnswer& answer) const {
  std::vector<std::string> fields = plan().values_of(row);
  const bool is_answered = answer.refused.empty();
  const bool has_length = is_answered || !plan().grid;
  fields.push_back(has_length ? format_count(answer.seq.count()) : "");
  fields.push_back(answer.refused);
  fields.push_back(answer.fits ? "true" : "false");
  if (is_answered) {
    fields.insert(fields.end(), {format_count(answer.allocated.count()), format_count(answer.device.count()),
                                 format_count(answer.capacity.count()), format_count(answer.host.count()),
                                 std::string(name_of(answer.moment.instant)), layer_field(answer.moment),
                                 stage_field(answer.moment), std::string(name_of(answer.binding))});
    if (plan().grid) fields.push_back(answer.host_binds ? "true" : "false");
  }
  constexpr std::size_t kFigures = 11;
  fields.resize(plan().axes.size() + kFigures + (plan().grid ? 1 : 0));
  return csv_record(fields);
}

std::string SweepJsonLines::begin() const {
  Json json{{"schema", "headroom/sweep/1"}, {"rows", plan().sweep.rows()}, {"axes", Json::array()}};
  for (const Variation& axis : plan().axes) json["axes"].push_back(axis.name);
  json["at"] = plan().grid ? "longest" : "length";
  json["grid"] = plan().grid ? grid_json(*plan().grid) : Json(nullptr);
  json["job"] = job_json(plan().base);
  add_honesty(json, {{plan().base}});
  json["notes"] = plan().notes;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string SweepJsonLines::line(std::int64_t row, const sim::SweepAnswer& answer) const {
  std::string text = "{\"row\":";
  append_count(text, row);
  text += ",\"values\":";
  append_values(text, plan(), row);
  const bool is_answered = answer.refused.empty();
  if (is_answered || !plan().grid) append_key(text, length_key(plan()), answer.seq.count());
  text += ",\"refused\":" + (is_answered ? "null" : json_string(answer.refused));
  text += answer.fits ? ",\"fits\":true" : ",\"fits\":false";
  if (is_answered) append_figures(text, plan(), answer);
  return text + "}\n";
}

void SweepCounts::add(const sim::SweepAnswer& answer) {
  if (answer.refused.empty()) {
    ++(answer.fits ? fitting : too_large);
    return;
  }
  ++refused;
  if (refusals.size() < kMostRefusals || refusals.contains(answer.refused)) ++refusals[answer.refused];
}

void SweepCounts::add(const SweepCounts& other) {
  fitting += other.fitting;
  too_large += other.too_large;
  refused += other.refused;
  for (const auto& [sentence, count] : other.refusals) {
    if (refusals.size() < kMostRefusals || refusals.contains(sentence)) refusals[sentence] += count;
  }
}

std::string counts_text(const SweepCounts& counts) {
  return fmt::format("{} jobs: {} fit, {} do not fit, {} are refused", format_grouped(counts.all()),
                     format_grouped(counts.fitting), format_grouped(counts.too_large), format_grouped(counts.refused));
}

std::vector<std::string> refusals_text(const SweepCounts& counts) {
  std::vector<std::pair<std::string, std::int64_t>> sorted(counts.refusals.begin(), counts.refusals.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> lines;
  std::int64_t named = 0;
  for (std::size_t i = 0; i < std::min(kShownRefusals, sorted.size()); ++i) {
    lines.push_back(fmt::format("left out {}: {}", format_grouped(sorted[i].second), sorted[i].first));
    named += sorted[i].second;
  }
  if (named < counts.refused) {
    lines.push_back(fmt::format("left out {} for other reasons", format_grouped(counts.refused - named)));
  }
  return lines;
}

}  // namespace headroom::cli
