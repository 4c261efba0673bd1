#include "job_option.h"

#include <charconv>
#include <vector>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/format.h>

#include "help.h"

namespace headroom::cli {
namespace {

std::int64_t parse_count(std::string_view text, std::string_view what) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 1 || count > kMaxSize) {
    throw InputError(fmt::format("{} must be a whole number between 1 and 2^40, not '{}'", what, text));
  }
  return count;
}

/// An axis with a closed set of values. access(job) is the field.
template <class Access>
JobOption choice(std::string name, std::string_view what, const char* group, Access access) {
  using Enum = std::remove_reference_t<decltype(access(std::declval<Job&>()))>;
  std::string description = fmt::format("{}: {}", what, fmt::join(names_of<Enum>(), ", "));
  auto set = [name, access](Job& job, std::string_view text) { access(job) = value_of<Enum>(text, name); };
  auto show = [access](const Job& job) { return std::string(name_of(access(job))); };
  return {std::move(name), "NAME", std::move(description), group, std::move(set), std::move(show)};
}

std::string chunk_description(std::string_view what) {
  std::vector<std::string_view> rules = names_of<ChunkRule>();
  rules.erase(rules.begin());
  return fmt::format("{}: tokens, or a rule: {}", what, fmt::join(rules, ", "));
}

template <class Access>
JobOption chunk(std::string name, std::string description, Access access) {
  auto set = [name, access](Job& job, std::string_view text) { access(job) = parse_chunk(text, name); };
  auto show = [access](const Job& job) { return format_chunk(access(job)); };
  return {std::move(name), "CHUNK", std::move(description), kMethodGroup, std::move(set), std::move(show)};
}

template <class Access>
JobOption toggle(std::string name, std::string description, Access access) {
  auto set = [access](Job& job, std::string_view text) { access(job) = text == "true"; };
  auto show = [access](const Job& job) { return std::string(access(job) ? "true" : "false"); };
  return {std::move(name), "", std::move(description), kTrainingGroup, std::move(set), std::move(show)};
}

JobOption recompute() {
  auto set = [](Job& job, std::string_view text) { job.recompute = parse_recompute(text, "--recompute"); };
  auto show = [](const Job& job) { return format_recompute(job.recompute); };
  return {"--recompute",  "NAME",         "what backward computes again: none, selective, full, every:K layers",
          kTrainingGroup, std::move(set), std::move(show)};
}

JobOption batch() {
  auto set = [](Job& job, std::string_view text) { job.batch = parse_count(text, "--batch"); };
  auto show = [](const Job& job) { return format_count(job.batch); };
  return {"--batch", "N", "sequences per micro-batch", kTrainingGroup, std::move(set), std::move(show)};
}

std::vector<JobOption> make_options() {
  return {
      choice(
          "--attention", "attention", kMethodGroup, [](auto& j) -> auto& { return j.method.attention; }),
      choice(
          "--feed-forward", "feed-forward", kMethodGroup, [](auto& j) -> auto& { return j.method.feed_forward; }),
      choice(
          "--head", "head and loss", kMethodGroup, [](auto& j) -> auto& { return j.method.head; }),
      choice(
          "--key-values", "K and V of blockwise layers", kMethodGroup,
          [](auto& j) -> auto& { return j.method.key_values; }),
      chunk(
          "--query-chunk", "tokens of a query chunk", [](auto& j) -> auto& { return j.method.query_chunk; }),
      chunk(
          "--kv-chunk", "tokens of a key-value chunk", [](auto& j) -> auto& { return j.method.kv_chunk; }),
      chunk(
          "--ffn-chunk", chunk_description("feed-forward chunk"), [](auto& j) -> auto& { return j.method.ffn_chunk; }),
      chunk(
          "--head-chunk", chunk_description("head chunk"), [](auto& j) -> auto& { return j.method.head_chunk; }),
      recompute(),
      choice(
          "--precision", "precision", kTrainingGroup, [](auto& j) -> auto& { return j.precision; }),
      choice(
          "--optimizer", "optimizer", kTrainingGroup, [](auto& j) -> auto& { return j.optimizer.kind; }),
      choice(
          "--optimizer-states", "type of AdamW's two moments", kTrainingGroup,
          [](auto& j) -> auto& { return j.optimizer.states; }),
      batch(),
      toggle(
          "--accumulate", "keep gradients across micro-batches", [](auto& j) -> auto& { return j.accumulate; }),
      toggle(
          "--dropout", "dropout with one-byte masks", [](auto& j) -> auto& { return j.dropout; }),
  };
}

}  // namespace

std::span<const JobOption> job_options() {
  static const std::vector<JobOption> kOptions = make_options();
  return kOptions;
}

}  // namespace headroom::cli
