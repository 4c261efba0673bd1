#include <charconv>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/models/transformer.h>

#include "quantity.h"
#include "text.h"

namespace headroom {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t size;
};

constexpr Unit kTokenUnits[] = {{"", 1}, {"K", 1 << 10}, {"M", 1 << 20}};
constexpr Unit kByteUnits[] = {
    {"", 1},
    {"B", 1},
    {"KiB", 1LL << 10},
    {"MiB", 1LL << 20},
    {"GiB", 1LL << 30},
    {"TiB", 1LL << 40},
    {"KB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000},
};
constexpr Unit kDecimalUnits[] = {{"", 1},
                                  {"K", 1'000},
                                  {"M", 1'000'000},
                                  {"G", 1'000'000'000},
                                  {"T", 1'000'000'000'000},
                                  {"P", 1'000'000'000'000'000}};
constexpr std::string_view kEvery = "every:";

/// The size of the unit with that name, upper and lower case alike.
template <std::size_t N>
std::optional<std::int64_t> size_of(std::string_view name, const Unit (&units)[N]) {
  for (const Unit& unit : units) {
    if (equal_ignoring_case(unit.name, name)) return unit.size;
  }
  return std::nullopt;
}

/// A positive amount in one of `units`.
template <std::size_t N>
std::optional<std::int64_t> amount(const std::optional<Quantity>& quantity, const Unit (&units)[N]) {
  const auto unit = quantity ? size_of(quantity->unit, units) : std::nullopt;
  const auto result = unit ? times(*quantity, *unit) : std::nullopt;
  return result && *result > 0 ? result : std::nullopt;
}

/// `text` without the first of `endings` that it ends with, upper and lower case alike.
std::string_view without_ending(std::string_view text, std::initializer_list<std::string_view> endings) {
  for (const std::string_view ending : endings) {
    if (text.size() < ending.size() || !equal_ignoring_case(text.substr(text.size() - ending.size()), ending)) continue;
    return text.substr(0, text.size() - ending.size());
  }
  return text;
}

bool is_size(std::int64_t count) { return count > 0 && count <= kMaxSize; }

std::optional<std::int64_t> token_count(std::string_view text) {
  const auto quantity = split_quantity(text);
  const auto count = amount(quantity, kTokenUnits);
  const bool is_whole = count && *count * quantity->divisor == quantity->digits * *size_of(quantity->unit, kTokenUnits);
  return is_whole && is_size(*count) ? count : std::nullopt;
}

[[noreturn]] void refuse(std::string_view what, std::string_view accepted, std::string_view text,
                         std::string_view nearest = {}) {
  const std::string hint = nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
  throw InputError(fmt::format("{} must be {}, not {}{}", what, accepted, in_quotes(text), hint));
}

}  // namespace

Tokens parse_tokens(std::string_view text, std::string_view what) {
  if (const auto count = token_count(text)) return Tokens(*count);
  refuse(what, "a whole number of tokens between 1 and 2^40, such as 131072, 128K or 1M (K = 1024, M = 1024 K)", text);
}

Bytes parse_bytes(std::string_view text, std::string_view what) {
  if (const auto count = amount(split_quantity(text), kByteUnits)) return Bytes(*count);
  refuse(what, "a positive number of bytes below 2^63, such as 80GiB (binary), 80GB (decimal), 512MiB or 1073741824",
         text);
}

std::int64_t parse_count(std::string_view text, std::string_view what, std::int64_t least) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc() && end == text.data() + text.size() && count >= least && count <= kMaxSize) return count;
  refuse(what, fmt::format("a whole number between {} and 2^40", least), text);
}

std::int64_t parse_flops(std::string_view text, std::string_view what) {
  const std::string_view number = without_ending(text, {"FLOP/s", "FLOPS"});
  if (const auto count = amount(split_quantity(number), kDecimalUnits)) return *count;
  refuse(what, "a positive number of FLOP/s below 2^63, such as 312T, 312TFLOP/s or 312000000000000", text);
}

std::int64_t parse_bandwidth(std::string_view text, std::string_view what) {
  const std::string_view number = without_ending(text, {"/s"});
  const bool is_bits = !number.empty() && number.back() == 'b';  // "200Gb/s" is an eighth of what "200GB/s" is
  if (const auto count = is_bits ? std::nullopt : amount(split_quantity(number), kByteUnits)) return *count;
  refuse(what, "a positive number of bytes a second below 2^63, such as 300GB/s, 12.5GB/s or 300000000000", text);
}

Chunk parse_chunk(std::string_view text, std::string_view what) {
  if (const auto count = token_count(text)) return {ChunkRule::tokens, Tokens(*count)};
  std::vector<std::string_view> rules;
  for (const auto& rule : values_of<ChunkRule>()) {
    if (rule.value == ChunkRule::tokens) continue;
    if (equal_ignoring_case(rule.name, text)) return {rule.value, Tokens(0)};
    rules.push_back(rule.name);
  }
  refuse(what, fmt::format("a number of tokens (2048, 4K) or one of {}", fmt::join(rules, ", ")), text,
         nearest_name(text, rules));
}

Recompute parse_recompute(std::string_view text, std::string_view what) {
  for (const auto& kind : values_of<RecomputeKind>()) {
    if (kind.value != RecomputeKind::every && equal_ignoring_case(kind.name, text)) return {kind.value, 1};
  }
  if (equal_ignoring_case(text.substr(0, kEvery.size()), kEvery)) {
    const auto count = split_quantity(text.substr(kEvery.size()));
    if (count && count->unit.empty() && count->divisor == 1 && is_size(count->digits)) {
      return {RecomputeKind::every, count->digits};
    }
  }
  const std::string_view accepted = "none, selective, full or every:K with K at least 1";
  refuse(what, accepted, text, nearest_name(text, {"none", "selective", "full", "every:2"}));
}

}  // namespace headroom
