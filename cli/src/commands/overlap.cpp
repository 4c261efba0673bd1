#include <memory>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/checked.h>
#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/models/rational.h>
#include <headroom/models/read.h>
#include <headroom/sim/published.h>

#include "commands/commands.h"
#include "csv.h"
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
constexpr const char* kRule =
    "A ring hides the sending of keys and values behind attention where 4dc² FLOPs last as long as 4cd bytes: from "
    "blocks of c = F/B tokens on. A device needs six blocks: s = 6c tokens.";
constexpr const char* kSource =
    "Liu et al., Ring Attention (arXiv 2310.01889), section 3: attention alone at all of F, projections and "
    "feed-forward left out, keys and values in 16 bits";

/// Where sending a block hides behind computing with one, on one device.
struct Overlap {
  std::string device;          ///< empty where both rates were given
  std::int64_t flops = 0;      ///< FLOP/s, dense bf16 unless given
  std::int64_t bandwidth = 0;  ///< bytes/s to the neighbour, one direction
  Tokens block;                ///< c: F/B, rounded up to whole tokens
  Tokens seq;                  ///< 6c
};

struct OverlapResult {
  std::vector<Overlap> devices;
  std::vector<std::string> notes;
};

struct Options {
  std::string hardware;
  std::string flops;
  std::string bandwidth;
  OutputOptions output;
};

Overlap overlap(const std::string& device, std::int64_t flops, std::int64_t bandwidth) {
  const std::int64_t block = sim::published::ring::minimal_block(flops, bandwidth).ceiling();
  return {device, flops, bandwidth, Tokens(block), Tokens(checked_mul(6, block))};
}

/// The figure that a device has or an option gives. Throws InputError where neither does.
std::int64_t figure(const std::optional<std::int64_t>& known, std::string_view key, const std::string& device,
                    std::string_view option) {
  if (known) return *known;
  if (device.empty()) throw InputError(fmt::format("{} is missing: give it, or a device with --hardware", option));
  throw InputError(fmt::format("{} is not known of {}; give it with {}", key, name_text(device), option));
}

Overlap one_device(const Options& options, OverlapResult& result) {
  Device device;
  if (!options.hardware.empty()) {
    Read<Device> read = read_device(options.hardware);
    device = std::move(read.value);
    result.notes = std::move(read.notes);
  }
  if (!options.flops.empty()) device.bf16_flops = parse_flops(options.flops, "--flops");
  if (!options.bandwidth.empty()) device.link_bandwidth = parse_bandwidth(options.bandwidth, "--bandwidth");
  const std::int64_t flops = figure(device.bf16_flops, "bf16_flops", device.name, "--flops");
  return overlap(device.name, flops, figure(device.link_bandwidth, "link_bandwidth", device.name, "--bandwidth"));
}

/// Every known device that has both figures; the others are named in a note.
void all_devices(OverlapResult& result) {
  for (const std::string_view name : device_names()) {
    const Device device = device_preset(name);
    if (device.bf16_flops && device.link_bandwidth) {
      result.devices.push_back(overlap(device.name, *device.bf16_flops, *device.link_bandwidth));
    } else {
      result.notes.push_back(fmt::format("{} is left out: its {} is not known", device.name,
                                         device.bf16_flops ? "link_bandwidth" : "bf16_flops"));
    }
  }
}

OverlapResult answer(const Options& options) {
  OverlapResult result;
  if (options.hardware.empty() && options.flops.empty() && options.bandwidth.empty()) {
    all_devices(result);
  } else {
    result.devices.push_back(one_device(options, result));
  }
  return result;
}

/// "312 TFLOP/s", "12.5 GB/s"
std::string rate_text(std::int64_t rate, std::int64_t unit, std::string_view name) {
  const Rational in_unit(rate, unit);
  return fmt::format("{} {}", format_decimal(in_unit, in_unit.is_whole() ? 0 : 1), name);
}

std::string to_text(const OverlapResult& result, const Style& style) {
  Table table({{"device"},
               {"F", Align::right},
               {"B", Align::right},
               {"minimal block", Align::right},
               {"minimal sequence", Align::right}});
  for (const Overlap& o : result.devices) {
    table.add({{o.device.empty() ? "as given" : clip(o.device, 20), Tone::bold},
               rate_text(o.flops, kTera, "TFLOP/s"),
               rate_text(o.bandwidth, kGiga, "GB/s"),
               format_grouped(o.block.count()),
               format_grouped(o.seq.count())});
  }
  return wrap(kRule) + "\n\n" + table.text(style) + '\n' + labelled("source", kSource, style, Tone::dim);
}

nlohmann::ordered_json to_json(const OverlapResult& result) {
  using Json = nlohmann::ordered_json;
  Json json{{"schema", "headroom/overlap/1"}, {"devices", Json::array()}};
  for (const Overlap& o : result.devices) {
    json["devices"].push_back({{"device", o.device.empty() ? Json(nullptr) : Json(o.device)},
                               {"flops", o.flops},
                               {"link_bandwidth", o.bandwidth},
                               {"minimal_block_tokens", o.block.count()},
                               {"minimal_seq_tokens", o.seq.count()}});
  }
  json["rule"] = kRule;
  json["source"] = kSource;
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const OverlapResult& result) {
  std::string text = csv_record({"device", "flops", "link_bandwidth", "minimal_block_tokens", "minimal_seq_tokens"});
  for (const Overlap& o : result.devices) {
    text += csv_record({o.device, format_count(o.flops), format_count(o.bandwidth), format_count(o.block.count()),
                        format_count(o.seq.count())});
  }
  return text;
}

int exit_code(const OverlapResult& /*result*/) { return kFits; }

}  // namespace

Action add_overlap(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--hardware", options->hardware, "a device: a name (headroom hardware), or the path of a file")
      ->option_text("NAME|FILE")
      ->group(kQuestionGroup);
  app.add_option("--flops", options->flops, "F, in place of the device's dense bf16 FLOP/s: 312T")
      ->option_text("RATE")
      ->group(kQuestionGroup);
  app.add_option("--bandwidth", options->bandwidth,
                 "B, in place of the device's link to its node, bytes/s in one direction: 12.5GB/s")
      ->option_text("RATE")
      ->group(kQuestionGroup);
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli
