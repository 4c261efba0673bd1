#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/calibrate.h>
#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>
#include <headroom/sim/honesty.h>

#include "commands/commands.h"
#include "csv.h"
#include "data_parts.h"
#include "deliver.h"
#include "exit_code.h"
#include "help.h"
#include "labelled.h"
#include "output_options.h"
#include "table.h"
#include "wording.h"

namespace headroom::cli {
namespace {

constexpr std::int64_t kGiga = 1'000'000'000;
constexpr std::int64_t kTera = 1'000 * kGiga;

struct Options {
  std::string name;
  std::vector<std::string> records;
  std::string save;
  OutputOptions output;
};

struct HardwareResult {
  bool is_list = true;
  std::vector<Device> devices;
  std::vector<std::string> notes;
};

/// The device as the records measured it.
void calibrate(Device& device, const std::vector<std::string>& paths) {
  std::vector<Record> records;
  for (const std::string& path : paths) records.push_back(read_record(path).value);
  if (!records.empty()) device = calibrated(device, records);
}

void require_one_device(const Options& options) {
  if (!options.name.empty() || (options.records.empty() && options.save.empty())) return;
  throw InputError("--calibrated-by and --save-hardware need the device's name in front");
}

HardwareResult answer(const Options& options) {
  HardwareResult result;
  require_one_device(options);
  result.is_list = options.name.empty();
  if (result.is_list) {
    for (const std::string_view name : device_names()) result.devices.push_back(device_preset(name));
  } else {
    Read<Device> read = read_device(options.name);
    calibrate(read.value, options.records);
    if (!options.save.empty()) write_file_atomically(options.save, device_to_json(read.value));
    result.devices.push_back(std::move(read.value));
    result.notes = std::move(read.notes);
  }
  return result;
}

/// "2,039 GB/s"; decimal, as vendors print rates.
std::string rate_number(const std::optional<std::int64_t>& rate, std::int64_t unit) {
  if (!rate) return "unknown";
  if (*rate < 100 * unit) return fmt::format("{:.1f}", static_cast<double>(*rate) / static_cast<double>(unit));
  return format_grouped(*rate / unit);
}

std::string rate_text(const std::optional<std::int64_t>& rate, std::int64_t unit, std::string_view name) {
  return rate ? fmt::format("{} {}", rate_number(rate, unit), name) : rate_number(rate, unit);
}

std::string figure_text(const Figure& figure) {
  return fmt::format("{} {}: {}", format_bytes(figure.bytes), name_of(figure.certainty), figure.origin);
}

std::string list_text(const HardwareResult& result, const Style& style) {
  Table table({{"device"},
               {"capacity", Align::right},
               {""},
               {"context", Align::right},
               {""},
               {"bandwidth\nGB/s", Align::right},
               {"bf16, dense\nTFLOP/s", Align::right}});
  for (const Device& device : result.devices) {
    table.add({{device.name, Tone::bold},
               format_bytes(device.capacity.bytes),
               {std::string(name_of(device.capacity.certainty)), Tone::dim},
               format_bytes(device.context.bytes),
               {std::string(name_of(device.context.certainty)), Tone::dim},
               rate_number(device.memory_bandwidth, kGiga),
               rate_number(device.bf16_flops, kTera)});
  }
  return table.text(style);
}

std::string detail_text(const Device& device, const Style& style) {
  return style.paint(name_text(device.name), Tone::bold) + "\n\n" + labelled("vendor", device.vendor, style) +
         labelled("capacity", figure_text(device.capacity), style) +
         labelled("context", figure_text(device.context), style) +
         labelled("workspace", figure_text(device.workspace), style) +
         labelled("slack", figure_text(device.allocator_slack), style) +
         labelled("memory", rate_text(device.memory_bandwidth, kGiga, "GB/s"), style) +
         labelled("bf16, dense", rate_text(device.bf16_flops, kTera, "TFLOP/s"), style) +
         labelled("fp32, dense", rate_text(device.fp32_flops, kTera, "TFLOP/s"), style) +
         labelled("link", rate_text(device.link_bandwidth, kGiga, "GB/s in one direction"), style) +
         labelled("host link", rate_text(device.host_link_bandwidth, kGiga, "GB/s in one direction"), style) +
         labelled("source", device.provenance.source, style, Tone::dim) +
         labelled("certainty", device.provenance.certainty, style, Tone::dim);
}

std::string to_text(const HardwareResult& result, const Style& style) {
  return result.is_list ? list_text(result, style) : detail_text(result.devices.front(), style);
}

nlohmann::ordered_json to_json(const HardwareResult& result) {
  nlohmann::ordered_json json{{"schema", "headroom/hardware/1"}, {"devices", nlohmann::ordered_json::array()}};
  for (const Device& device : result.devices) {
    Job job;
    job.device = device;
    json["devices"].push_back(job_json(job)["device"]);
  }
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const HardwareResult& result) {
  std::string text = csv_record({"device", "vendor", "capacity_bytes", "capacity_certainty", "context_bytes",
                                 "context_certainty", "workspace_bytes", "memory_bandwidth", "bf16_flops"});
  const auto optional = [](const std::optional<std::int64_t>& value) { return value ? format_count(*value) : ""; };
  for (const Device& device : result.devices) {
    text += csv_record({device.name, device.vendor, format_count(device.capacity.bytes.count()),
                        std::string(name_of(device.capacity.certainty)), format_count(device.context.bytes.count()),
                        std::string(name_of(device.context.certainty)), format_count(device.workspace.bytes.count()),
                        optional(device.memory_bandwidth), optional(device.bf16_flops)});
  }
  return text;
}

int exit_code(const HardwareResult& /*result*/) { return kFits; }

}  // namespace

Action add_hardware(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("NAME", options->name, "one device in detail: a name, or the path of a file");
  app.add_option("--calibrated-by", options->records,
                 "records whose device figures replace the device's own, as MEASURED (docs/gpu.md)")
      ->option_text("FILE...")
      ->group(kQuestionGroup);
  app.add_option("--save-hardware", options->save, "write the device to FILE")
      ->option_text("FILE")
      ->group(kQuestionGroup);
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli
