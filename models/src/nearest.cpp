#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/named.h>
#include <headroom/models/presets.h>

#include "text.h"

namespace headroom {
namespace {

constexpr std::size_t kLongestName = 100;  // nothing longer is a slip of the pen, and the distance is quadratic
constexpr std::size_t kShortestPrefix = 2;

/// Damerau-Levenshtein: single characters inserted, removed, replaced, or two that lie side by side exchanged.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    before = std::exchange(last, row);
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = last[j] + (a[i] == b[j] ? 0 : 1);
      row[j + 1] = std::min({row[j] + 1, last[j + 1] + 1, replaced});
      const bool is_exchanged = i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j];
      if (is_exchanged) row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
    }
  }
  return row.back();
}

std::string_view first_beginning_with(std::string_view prefix, const std::vector<std::string_view>& candidates) {
  if (prefix.size() < kShortestPrefix) return {};
  for (const std::string_view candidate : candidates) {
    if (equal_ignoring_case(candidate.substr(0, prefix.size()), prefix)) return candidate;
  }
  return {};
}

}  // namespace

std::string_view nearest_name(std::string_view given, const std::vector<std::string_view>& candidates) {
  if (given.empty() || given.size() > kLongestName) return {};
  const std::string wanted = lower_case(given);
  std::string_view nearest;
  std::size_t smallest = std::max<std::size_t>(2, given.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, lower_case(candidate));
    if (distance < smallest && distance < candidate.size()) {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? first_beginning_with(given, candidates) : nearest;
}

void throw_unknown_name(std::string_view what, std::string_view given, const std::vector<std::string_view>& names) {
  const std::string_view nearest = nearest_name(given, names);
  const std::string hint = nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
  throw InputError(fmt::format("{} must be one of {}, not {}{}", what, fmt::join(names, ", "), in_quotes(given), hint));
}

}  // namespace headroom
