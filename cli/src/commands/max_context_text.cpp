#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/format.h>

#include "commands/max_context.h"
#include "honesty.h"
#include "labelled.h"
#include "memory_table.h"
#include "table.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

constexpr std::size_t kMaxSuggestions = 3;

std::string length_text(Tokens tokens) {
  if (tokens == Tokens(0)) return "nothing fits";
  return tokens < sim::kLongestContext ? format_tokens(tokens) : "no limit";
}

Honesty honesty_of(const MaxContextResult& result) {
  Honesty honesty;
  for (const Prediction& prediction : result.predictions) honesty.jobs.push_back(prediction.job);
  return honesty;
}

/// "34,304" and "(33.5K)"; the second is empty where there is no short form.
std::pair<std::string, std::string> two_forms(Tokens tokens) {
  const std::string text = length_text(tokens);
  const std::size_t bracket = text.find(" (");
  if (bracket == std::string::npos) return {text, ""};
  return {text.substr(0, bracket), text.substr(bracket + 1)};
}

std::string binding_text(const sim::MaxContext& longest) {
  return longest.host && longest.host->binds ? "host memory" : category_text(longest.breakdown.binding);
}

/// Two rows: the length, what binds, and how far the next wall is; below each the same in another form.
void add_method(Table& table, const Prediction& prediction) {
  const sim::MaxContext& longest = *prediction.longest;
  const auto [tokens, short_form] = two_forms(longest.tokens);
  table.add({{prediction.job.method.name, Tone::bold},
             {tokens, Tone::bold},
             {binding_text(longest), Tone::accent},
             length_text(longest.next_wall.tokens)});
  table.add({"",
             {short_form, Tone::dim},
             {instant_text(longest.breakdown.moment.instant), Tone::dim},
             {category_text(longest.next_wall.binding), Tone::dim}});
}

/// What gets beyond the furthest answer; a list names the method, too.
std::string further_text(const MaxContextResult& result, const Style& style) {
  std::string text;
  for (std::size_t i = 0; i < std::min(kMaxSuggestions, result.further.size()); ++i) {
    const WayOut& way = result.further[i];
    const std::string method = result.is_list ? way.method + " " : "";
    text += labelled(i == 0 ? "Further" : "", fmt::format("{} with {}{}", tokens_text(way.tokens), method, way.option),
                     style);
  }
  return text;
}

std::string list_text(const MaxContextResult& result, const Style& style) {
  const Job& job = result.predictions.front().job;
  std::string text =
      heading("The longest context of " + subject_text(job), common_settings_text(result.predictions), style);
  Table table({{"method"}, {"max context", Align::right}, {"binding, and when"}, {"next wall"}});
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
  const std::string further = further_text(result, style);
  if (!further.empty()) text += further + "\n";
  return text + short_honesty_text(honesty_of(result), style);
}

std::string outlook_text(const sim::MaxContext& longest, const Style& style) {
  if (longest.tokens >= sim::kLongestContext) return {};
  const sim::Wall& wall = longest.next_wall;
  const bool of_host = longest.host && longest.host->binds;
  const std::string wall_text =
      wall.tokens < sim::kLongestContext
          ? fmt::format("{}: {} at {}", tokens_text(wall.tokens), category_text(wall.binding), moment_text(wall.moment))
          : "no limit";
  return labelled("Next length",
                  fmt::format("{}: {} too much{}", tokens_text(longest.next), format_bytes(longest.shortfall),
                              of_host ? " for the host memory, which binds" : ""),
                  style) +
         labelled("Next wall", wall_text, style);
}

std::string single_text(const MaxContextResult& result, const Style& style) {
  const Prediction& prediction = result.predictions.front();
  const Job& job = prediction.job;
  const sim::MaxContext& longest = *prediction.longest;
  const std::string title =
      fmt::format("{} {} up to {} with {}", subject_text(job), job.mode == Mode::training ? "trains" : "reads",
                  tokens_text(longest.tokens), method_text(job));
  std::string text = heading(title, settings_text(job), style) + peak_line(longest.breakdown, job.device);
  text += memory_table(longest.breakdown, job.device, style) + "\n" + memory_lines(job, longest.breakdown, style);
  return text + outlook_text(longest, style) + further_text(result, style) + "\n" +
         honesty_text(honesty_of(result), style);
}

}  // namespace

std::string to_text(const MaxContextResult& result, const Style& style) {
  if (!result.nothing_fits.sentence.empty()) return wrap(result.nothing_fits.sentence) + "\n";
  return result.is_list ? list_text(result, style) : single_text(result, style);
}

}  // namespace headroom::cli
