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

constexpr std::size_t kMaxWaysOut = 2;

/// The smallest preset device on which one of the methods fits.
std::optional<WayOut> device(const std::vector<Prediction>& predictions, const sim::Grid& grid) {
  std::optional<WayOut> best;
  Bytes smallest;
  for (const Prediction& prediction : predictions) {
    if (!prediction.refused.empty()) continue;
    for (const sim::Suggestion& suggestion : sim::suggest_device(prediction.job, grid)) {
      const Bytes capacity = device_preset(suggestion.value).capacity.bytes;
      if (!best || capacity < smallest || (capacity == smallest && suggestion.tokens > best->tokens)) {
        best = way_out(prediction.job, suggestion);
        smallest = capacity;
      }
    }
  }
  return best;
}

/// The breakdown of the prediction that needs least; at least one is not refused.
sim::Breakdown leanest(const std::vector<Prediction>& predictions) {
  std::optional<sim::Breakdown> least;
  for (const Prediction& prediction : predictions) {
    if (!prediction.refused.empty()) continue;
    if (!least || prediction.breakdown.device < least->device) least = prediction.breakdown;
  }
  return least.value_or(sim::Breakdown{});
}

std::string reason(const sim::Breakdown& breakdown, Bytes capacity) {
  const BytesByCategory& c = breakdown.categories;
  const bool trains = c[Category::kv_cache] == Bytes();
  const std::string_view of_state = trains ? "parameters, gradients and optimizer state" : "parameters";
  const Bytes state = c[Category::parameters] + c[Category::gradients] + c[Category::optimizer_state];
  if (state > capacity) {
    return fmt::format("{} alone need {} of {}", of_state, format_bytes(state), format_bytes(capacity));
  }
  return fmt::format("{} need {} of {}, {} {} of it", tokens_text(breakdown.seq), format_bytes(breakdown.device),
                     format_bytes(capacity), of_state, format_bytes(state));
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

std::string shortage_text(const std::vector<Prediction>& predictions) {
  return reason(leanest(predictions), predictions.front().job.device.capacity.bytes);
}

NothingFits explain_nothing_fits(const std::vector<Prediction>& predictions, const sim::Grid& grid) {
  NothingFits result;
  result.ways_out = ways_beyond(predictions, grid, Tokens(0));
  if (result.ways_out.size() > kMaxWaysOut) result.ways_out.resize(kMaxWaysOut);
  if (const auto way = device(predictions, grid)) result.ways_out.push_back(*way);
  result.sentence = fmt::format("Nothing fits: {}; {}.", shortage_text(predictions), remedy(result.ways_out));
  return result;
}

}  // namespace headroom::cli
