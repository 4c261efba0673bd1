#include "ways_out.h"

#include <algorithm>

#include <fmt/format.h>

namespace headroom::cli {
namespace {

/// Keeps one way out per option: the method that gets furthest with it.
void keep_furthest(std::vector<WayOut>& ways, const WayOut& way) {
  const auto same = std::find_if(ways.begin(), ways.end(), [&way](const WayOut& w) { return w.option == way.option; });
  if (same == ways.end()) {
    ways.push_back(way);
  } else if (way.tokens > same->tokens) {
    *same = way;
  }
}

}  // namespace

WayOut way_out(const Job& job, const sim::Suggestion& suggestion) {
  return {fmt::format("--{} {}", suggestion.axis, suggestion.value), job.method.name, suggestion.tokens,
          suggestion.consequence};
}

std::vector<WayOut> ways_beyond(const std::vector<Prediction>& predictions, const sim::Grid& grid, Tokens reached) {
  std::vector<WayOut> ways;
  for (const Prediction& prediction : predictions) {
    if (!prediction.refused.empty()) continue;
    for (const sim::Suggestion& suggestion : sim::suggest_changes(prediction.job, grid, reached)) {
      keep_furthest(ways, way_out(prediction.job, suggestion));
    }
  }
  std::stable_sort(ways.begin(), ways.end(), [](const WayOut& a, const WayOut& b) {
    return a.consequence != b.consequence ? a.consequence < b.consequence : a.tokens > b.tokens;
  });
  return ways;
}

}  // namespace headroom::cli
