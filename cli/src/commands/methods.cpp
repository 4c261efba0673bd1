#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/sim/honesty.h>

#include "commands/commands.h"
#include "csv.h"
#include "deliver.h"
#include "exit_code.h"
#include "help.h"
#include "job_option.h"
#include "labelled.h"
#include "output_options.h"
#include "table.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

struct Options {
  std::string name;
  OutputOptions output;
};

struct MethodEntry {
  MethodPreset preset;
  std::string status;
};

struct MethodsResult {
  bool is_list = true;
  std::vector<MethodEntry> methods;
  std::vector<std::string> notes;
};

Job job_of(const MethodPreset& preset) {
  Job job;
  job.method = preset.method;
  return job;
}

MethodEntry entry(std::string_view name) {
  const MethodPreset& preset = method_preset(name);
  return {preset, sim::measured_status(preset.method)};
}

MethodsResult answer(const Options& options) {
  MethodsResult result;
  result.is_list = options.name.empty();
  if (result.is_list) {
    for (const std::string_view name : method_names()) result.methods.push_back(entry(name));
  } else {
    result.methods.push_back(entry(options.name));
  }
  return result;
}

std::string list_text(const MethodsResult& result, const Style& style) {
  Table table({{"method"}, {"attention"}, {"feed-forward"}, {"head"}, {"status"}});
  for (const MethodEntry& method : result.methods) {
    const Method& m = method.preset.method;
    table.add({{m.name, Tone::bold},
               std::string(name_of(m.attention)),
               std::string(name_of(m.feed_forward)),
               std::string(name_of(m.head)),
               method.status.substr(0, method.status.find(':'))});
    table.remark(method.preset.summary);
  }
  return table.text(style);
}

/// Every axis by its option, without the dashes, with what the method takes there.
std::string detail_text(const MethodEntry& method, const Style& style) {
  const Job job = job_of(method.preset);
  std::string text = style.paint(job.method.name, Tone::bold) + "\n" + wrap(method.preset.summary) + "\n\n";
  for (const JobOption& option : job_options()) {
    if (option.group == kMethodGroup) text += labelled(option.name.substr(2), option.show(job), style);
  }
  return text + labelled("source", method.preset.source, style, Tone::dim) +
         labelled("status", method.status, style, Tone::dim);
}

std::string to_text(const MethodsResult& result, const Style& style) {
  return result.is_list ? list_text(result, style) : detail_text(result.methods.front(), style);
}

/// The axes as "attention": "flash", ...
std::vector<std::pair<std::string, std::string>> axes(const MethodEntry& method) {
  std::vector<std::pair<std::string, std::string>> axes;
  const Job job = job_of(method.preset);
  for (const JobOption& option : job_options()) {
    if (option.group == kMethodGroup) axes.emplace_back(option.name.substr(2), option.show(job));
  }
  return axes;
}

nlohmann::ordered_json to_json(const MethodsResult& result) {
  nlohmann::ordered_json json{{"schema", "headroom/methods/1"}, {"methods", nlohmann::ordered_json::array()}};
  for (const MethodEntry& method : result.methods) {
    nlohmann::ordered_json entry{{"name", method.preset.method.name}};
    for (const auto& [axis, value] : axes(method)) entry["axes"][axis] = value;
    entry["summary"] = method.preset.summary;
    entry["source"] = method.preset.source;
    entry["measured_status"] = method.status;
    json["methods"].push_back(std::move(entry));
  }
  return json;
}

std::string to_csv(const MethodsResult& result) {
  std::vector<std::string> header{"method"};
  for (const auto& [axis, value] : axes(result.methods.front())) header.push_back(axis);
  header.insert(header.end(), {"summary", "source", "measured_status"});
  std::string text = csv_record(header);
  for (const MethodEntry& method : result.methods) {
    std::vector<std::string> fields{method.preset.method.name};
    for (const auto& [axis, value] : axes(method)) fields.push_back(value);
    fields.insert(fields.end(), {method.preset.summary, method.preset.source, method.status});
    text += csv_record(fields);
  }
  return text;
}

int exit_code(const MethodsResult& /*result*/) { return kFits; }

}  // namespace

Action add_methods(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("NAME", options->name, "one method in detail");
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli
