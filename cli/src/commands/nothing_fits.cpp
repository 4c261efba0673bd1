#include "commands/nothing_fits.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/sim/suggest.h>

#include "wording.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kMaxWaysOut = 3;

std::string option_of(const sim::Suggestion& suggestion) {
  return fmt::format("--{} {}", suggestion.axis, suggestion.value);
}

/// Keeps one way out per option: the method that gets furthest with it.
void keep_furthest(std::vector<WayOut>& ways, const WayOut& way) {
  const auto same = std::find_if(ways.begin(), ways.end(), [&way](const WayOut& w) { return w.option == way.option; });
  if (same == ways.end()) {
    ways.push_back(way);
  } else if (way.tokens > same->tokens) {
    *same = way;
  }
}

std::vector<WayOut> changes(const std::vector<Prediction>& predictions, const sim::Grid& grid) {
  std::vector<WayOut> ways;
  for (const Prediction& prediction : predictions) {
    if (!prediction.refused.empty()) continue;
    for (const sim::Suggestion& suggestion : sim::suggest_changes(prediction.job, grid, Tokens(0))) {
      keep_furthest(ways, {option_of(suggestion), prediction.job.method.name, suggestion.tokens});
    }
  }
  std::stable_sort(ways.begin(), ways.end(), [](const WayOut& a, const WayOut& b) { return a.tokens > b.tokens; });
  if (ways.size() > kMaxWaysOut) ways.resize(kMaxWaysOut);
  return ways;
}

/// The smallest preset device on which one of the methods fits.
std::optional<WayOut> device(const std::vector<Prediction>& predictions, const sim::Grid& grid) {
  std::optional<WayOut> best;
  Bytes smallest;
  for (const Prediction& prediction : predictions) {
    if (!prediction.refused.empty()) continue;
    for (const sim::Suggestion& suggestion : sim::suggest_device(prediction.job, grid)) {
      const Bytes capacity = device_preset(suggestion.value).capacity.bytes;
      if (!best || capacity < smallest || (capacity == smallest && suggestion.tokens > best->tokens)) {
        best = WayOut{option_of(suggestion), prediction.job.method.name, suggestion.tokens};
        smallest = capacity;
      }
    }
  }
  return best;
}

/// The prediction that needs least.
const sim::Breakdown& leanest(const std::vector<Prediction>& predictions) {
  const Prediction* best = nullptr;
  for (const Prediction& prediction : predictions) {
    const bool is_leaner = best == nullptr || prediction.breakdown.device < best->breakdown.device;
    if (prediction.refused.empty() && is_leaner) best = &prediction;
  }
  return best->breakdown;
}

std::string reason(const sim::Breakdown& breakdown, const Device& device) {
  const BytesByCategory& c = breakdown.categories;
  const Bytes state = c[Category::parameters] + c[Category::gradients] + c[Category::optimizer_state];
  const std::string where = is_budget(device) ? "" : " of " + name_text(device.name);
  const std::string of = fmt::format("of the {}{}", format_bytes(device.capacity.bytes), where);
  if (state > device.capacity.bytes) {
    return fmt::format("parameters, gradients and optimizer state alone need {} {}", format_bytes(state), of);
  }
  return fmt::format("{} need {} {}, {} of it for parameters, gradients and optimizer state",
                     tokens_text(breakdown.seq), format_bytes(breakdown.device), of, format_bytes(state));
}

std::string remedy(const std::vector<WayOut>& ways) {
  if (ways.empty()) return "no change of one option and no device known by name would do";
  std::string text = "what would: ";
  for (const WayOut& way : ways) {
    const bool is_last = &way == &ways.back();
    if (&way != &ways.front()) text += is_last ? " or " : ", ";
    text += fmt::format("{} ({} with {})", way.option, format_grouped(way.tokens.count()) + " tokens", way.method);
  }
  return text;
}

}  // namespace

NothingFits explain_nothing_fits(const std::vector<Prediction>& predictions, const sim::Grid& grid) {
  NothingFits result;
  result.ways_out = changes(predictions, grid);
  if (const auto way = device(predictions, grid)) result.ways_out.push_back(*way);
  result.sentence = fmt::format("Nothing fits: {}; {}.", reason(leanest(predictions), predictions.front().job.device),
                                remedy(result.ways_out));
  return result;
}

}  // namespace headroom::cli
