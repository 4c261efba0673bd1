#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/format.h>

#include "commands/max_context.h"
#include "honesty.h"
#include "memory_table.h"
#include "table.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kMaxSuggestions = 3;
constexpr std::size_t kLongestName = 30;
/// The longest length that any grid has.
constexpr Tokens kNoLimit{std::int64_t{1} << 40};

std::string length_text(Tokens tokens) {
  if (tokens == Tokens(0)) return "nothing fits";
  return tokens < kNoLimit ? format_tokens(tokens) : "no limit";
}

Honesty honesty_of(const MaxContextResult& result) {
  Honesty honesty;
  for (const Prediction& prediction : result.predictions) honesty.jobs.push_back(prediction.job);
  return honesty;
}

std::string settings_line(const Job& job, const Style& style) { return style.paint(wrap(settings_text(job)), Tone::dim) + "\n"; }

/// Two rows: what binds and how far the next wall is; when that is and what stands there.
void add_method(Table& table, const Prediction& prediction) {
  const sim::MaxContext& longest = *prediction.longest;
  const sim::Breakdown& breakdown = longest.breakdown;
  const sim::Wall& wall = longest.next_wall;
  table.add({{prediction.job.method.name, Tone::bold},
             {length_text(longest.tokens), Tone::bold},
             {category_text(breakdown.binding), Tone::accent},
             length_text(wall.tokens)});
  sim::Moment kind = breakdown.moment;
  table.add({"", "", {moment_text(kind), Tone::dim}, {category_text(wall.binding), Tone::dim}});
}

std::string list_text(const MaxContextResult& result, const Style& style) {
  const Job& job = result.predictions.front().job;
  std::string text = style.paint(wrap(fmt::format("The longest context of {} {}", clip(job.model.name, kLongestName), place_text(job.device))), Tone::bold) + "\n" +
                     settings_line(job, style) + "\n";
  Table table({{"method"}, {"max context"}, {"binding, and when"}, {"next wall"}});
  std::string refused;
  for (const Prediction& prediction : result.predictions) {
    if (prediction.longest) {
      add_method(table, prediction);
    } else {
      refused += wrap(prediction.job.method.name + ": " + prediction.refused) + "\n";
    }
  }
  text += table.text(style) + "\n";
  if (!refused.empty()) text += refused + "\n";
  return text + short_honesty_text(honesty_of(result), style);
}

void add_outlook(Table& table, const sim::MaxContext& longest) {
  const std::string missing = format_bytes(longest.shortfall);
  if (longest.tokens >= kNoLimit) return;
  table.add({"Next length", format_tokens(longest.next), missing + " too much"});
  table.add({"Next wall", length_text(longest.next_wall.tokens),
             fmt::format("{} at {}", category_text(longest.next_wall.binding), moment_text(longest.next_wall.moment))});
}

void add_suggestions(Table& table, const std::vector<sim::Suggestion>& suggestions) {
  for (std::size_t i = 0; i < std::min(kMaxSuggestions, suggestions.size()); ++i) {
    const sim::Suggestion& suggestion = suggestions[i];
    table.add({i == 0 ? "Further" : "", length_text(suggestion.tokens), {fmt::format("--{} {}", suggestion.axis, suggestion.value), Tone::accent}});
  }
}

std::string single_text(const MaxContextResult& result, const Style& style) {
  const Prediction& prediction = result.predictions.front();
  const Job& job = prediction.job;
  const sim::MaxContext& longest = *prediction.longest;
  const std::string title = fmt::format("{} {} trains up to {} with {}", clip(job.model.name, kLongestName), place_text(job.device),
                                        tokens_text(longest.tokens), method_text(job));
  std::string text = style.paint(wrap(title), Tone::bold) + "\n" + settings_line(job, style) + "\n";
  text += wrap(fmt::format("{} memory peaks at {}; {} binds", is_budget(job.device) ? "Allocated" : "Device",
                           moment_text(longest.breakdown.moment), category_text(longest.breakdown.binding))) + "\n";
  text += memory_table(longest.breakdown, job.device, style) + "\n";
  Table outlook({{""}, {""}, {""}});
  add_outlook(outlook, longest);
  add_suggestions(outlook, result.suggestions);
  return text + outlook.text(style) + "\n" + honesty_text(honesty_of(result), style);
}

}  // namespace

std::string to_text(const MaxContextResult& result, const Style& style) {
  if (!result.nothing_fits.sentence.empty()) return wrap(result.nothing_fits.sentence) + "\n";
  return result.is_list ? list_text(result, style) : single_text(result, style);
}

}  // namespace headroom::cli
