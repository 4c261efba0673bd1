#include "memory_table.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <headroom/models/checked.h>
#include <headroom/models/format.h>
#include <headroom/sim/kv_cache.h>

#include "labelled.h"
#include "table.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

constexpr double kBarCells = 34.0;
constexpr int kEighths = 8;

/// A bar of `share` of the full width, in eighths of a cell.
std::string bar(double share) {
  static constexpr const char* kPartial[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = static_cast<int>(std::lround(share * kBarCells * kEighths));
  std::string text;
  for (int i = 0; i < eighths / kEighths; ++i) text += "█";
  return text + kPartial[eighths % kEighths];
}

double share(Bytes part, Bytes whole) { return static_cast<double>(part.count()) / static_cast<double>(whole.count()); }

void add_total(Table& table, const std::string& name, Bytes bytes, Bytes capacity, Tone tone = Tone::plain) {
  table.add({{name, tone}, {format_bytes(bytes), tone}, {format_share(bytes, capacity), tone}});
}

void add_totals(Table& table, const sim::Breakdown& breakdown, const Device& device) {
  const Bytes capacity = device.capacity.bytes;
  add_total(table, "allocated", breakdown.allocated, capacity, is_budget(device) ? Tone::bold : Tone::plain);
  if (!is_budget(device)) add_total(table, "device", breakdown.device, capacity, Tone::bold);
  if (breakdown.device > capacity) {
    add_total(table, "too much by", breakdown.device - capacity, capacity, Tone::warning);
  } else {
    add_total(table, "headroom", capacity - breakdown.device, capacity);
  }
}

}  // namespace

std::string peak_line(const sim::Breakdown& breakdown, const Device& device) {
  return wrap(fmt::format("{} memory peaks at {}; binding: {}", is_budget(device) ? "Allocated" : "Device",
                          moment_text(breakdown.moment), category_text(breakdown.binding))) +
         "\n";
}

std::string memory_table(const sim::Breakdown& breakdown, const Device& device, const Style& style) {
  const Bytes capacity = device.capacity.bytes;
  const Bytes full = std::max(capacity, breakdown.device);
  Table table({{"", Align::left}, {"bytes", Align::right}, {"of " + format_bytes(capacity), Align::right}, {""}});
  for (const auto& category : values_of<Category>()) {
    const Bytes bytes = breakdown.categories[category.value];
    if (bytes == Bytes(0)) continue;
    const Tone tone = category.value == breakdown.binding ? Tone::accent : Tone::plain;
    table.add({{std::string(category.description), tone},
               format_bytes(bytes),
               format_share(bytes, capacity),
               {bar(share(bytes, full)), tone == Tone::plain ? Tone::dim : tone}});
  }
  table.rule();
  add_totals(table, breakdown, device);
  return table.text(style, 2);
}

namespace {

std::string cache_line(const Job& job, const Style& style) {
  if (job.mode == Mode::training) return {};
  const sim::CachePerToken each = sim::cache_per_token(job);
  const std::string behind = each.all_layers == each.without_windows
                                 ? ""
                                 : fmt::format(", {} beyond all windows", format_bytes(each.without_windows));
  const std::string rank = job.degrees.tensor > 1 ? " on each rank" : "";
  return labelled("KV cache", format_bytes(each.all_layers) + " a token of each sequence" + rank + behind, style);
}

std::string host_line(const Job& job, const sim::Breakdown& breakdown, const Style& style) {
  const sim::HostMemory& host = breakdown.host;
  if (host.allocated == Bytes()) return {};
  const Bytes of_node = sim::host_of_node(job, host.allocated);
  const std::int64_t ranks = ceil_div(rank_count(job.degrees), job.nodes);
  std::string text = format_bytes(of_node);
  if (ranks > 1) text += fmt::format(" a node, {} for each of {} ranks", format_bytes(host.allocated), ranks);
  if (job.host_memory) {
    text += fmt::format(", {} of {}", format_share(of_node, *job.host_memory), format_bytes(*job.host_memory));
  }
  const bool fits = !job.host_memory || of_node <= *job.host_memory;
  return labelled("Host memory", text + "; peaks at " + moment_text(host.moment), style,
                  fits ? Tone::plain : Tone::warning);
}

}  // namespace

std::string memory_lines(const Job& job, const sim::Breakdown& breakdown, const Style& style) {
  return host_line(job, breakdown, style) + cache_line(job, style);
}

}  // namespace headroom::cli
