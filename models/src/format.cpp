#include <array>

#include <fmt/format.h>

#include <headroom/models/format.h>

namespace headroom {
namespace {

struct Scaled {
  std::uint64_t digits;  ///< the value times 10^decimals
  int decimals;
};

std::uint64_t magnitude_of(std::int64_t value) {
  return value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

/// value / unit to so many decimals, rounded half up digit by digit: exact for every unit up to 2^60.
Scaled divide(std::uint64_t value, std::uint64_t unit, int decimals) {
  std::uint64_t digits = value / unit;
  std::uint64_t rest = value % unit;
  for (int i = 0; i < decimals; ++i) {
    digits = digits * 10 + rest * 10 / unit;
    rest = rest * 10 % unit;
  }
  return {digits + (rest * 2 >= unit ? 1 : 0), decimals};
}

/// As many of two decimals as leave at most four digits.
Scaled four_digits(std::uint64_t value, std::uint64_t unit) {
  Scaled scaled = divide(value, unit, 2);
  while (scaled.decimals > 0 && scaled.digits >= 10000) scaled = divide(value, unit, scaled.decimals - 1);
  return scaled;
}

std::string to_text(const Scaled& scaled) {
  std::string text = fmt::format("{:0{}}", scaled.digits, scaled.decimals + 1);
  if (scaled.decimals > 0) text.insert(text.size() - static_cast<std::size_t>(scaled.decimals), ".");
  return text;
}

/// The value in the first unit that needs fewer than `base` of it; `units` start at base^1.
template <std::size_t N>
std::string in_units(std::int64_t value, std::uint64_t base, const std::array<const char*, N>& units) {
  const std::uint64_t magnitude = magnitude_of(value);
  std::uint64_t unit = base;
  std::size_t i = 0;
  while (i + 1 < N && divide(magnitude, unit, 0).digits >= base) {
    unit *= base;
    ++i;
  }
  return (value < 0 ? "-" : "") + to_text(four_digits(magnitude, unit)) + units[i];
}

/// "1.5M" for a multiple of a tenth of `unit`, else nothing.
std::string short_form(std::int64_t count, std::int64_t unit, char letter) {
  const std::int64_t tenths = count % unit * 10;
  if (count < unit || tenths % unit != 0) return {};
  const std::string tenth = tenths == 0 ? "" : fmt::format(".{}", tenths / unit);
  return fmt::format("{}{}{}", count / unit, tenth, letter);
}

/// The same in the largest unit that has one, else nothing.
std::string short_form(Tokens tokens) {
  const std::string mega = short_form(tokens.count(), std::int64_t{1} << 20, 'M');
  return mega.empty() ? short_form(tokens.count(), 1024, 'K') : mega;
}

constexpr std::array kByteUnits{" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};

}  // namespace

std::string format_bytes(Bytes bytes) {
  if (magnitude_of(bytes.count()) < 1024) return fmt::format("{} B", bytes.count());
  return in_units(bytes.count(), 1024, kByteUnits);
}

std::string format_bytes_tick(Bytes bytes) {
  std::int64_t count = bytes.count();
  std::size_t units = 0;
  while (count != 0 && count % 1024 == 0 && units < kByteUnits.size()) {
    count /= 1024;
    ++units;
  }
  if (magnitude_of(count) >= 1024) return format_bytes(bytes);
  return units == 0 ? fmt::format("{} B", count) : fmt::format("{}{}", count, kByteUnits[units - 1]);
}

std::string format_share(Bytes part, Bytes whole) {
  const double percent = 100.0 * static_cast<double>(part.count()) / static_cast<double>(whole.count());
  if (part.count() > 0 && percent < 0.05) return "<0.1 %";
  return fmt::format("{:.1f} %", percent);
}

std::string format_parameters(std::int64_t count) {
  constexpr std::array kUnits{"K", "M", "B", "T"};
  if (magnitude_of(count) < 1000) return format_count(count);
  return in_units(count, 1000, kUnits);
}

std::string format_count(std::int64_t count) { return fmt::format("{}", count); }

std::string format_grouped(std::int64_t count) {
  std::string digits = fmt::format("{}", magnitude_of(count));
  for (std::size_t end = digits.size(); end > 3;) digits.insert(end -= 3, ",");
  return count < 0 ? "-" + digits : digits;
}

std::string format_tokens(Tokens tokens) {
  const std::string form = short_form(tokens);
  return format_grouped(tokens.count()) + (form.empty() ? "" : fmt::format(" ({})", form));
}

std::string format_tokens_tick(Tokens tokens) {
  const std::string form = short_form(tokens);
  return form.empty() ? format_grouped(tokens.count()) : form;
}

std::string format_chunk(const Chunk& chunk) {
  return chunk.rule == ChunkRule::tokens ? format_count(chunk.tokens.count()) : std::string(name_of(chunk.rule));
}

std::string format_recompute(const Recompute& recompute) {
  const std::string name(name_of(recompute.kind));
  return recompute.kind == RecomputeKind::every ? fmt::format("{}:{}", name, recompute.every) : name;
}

std::string format_degrees(const Job& job) {
  const Degrees& degrees = job.degrees;
  std::vector<std::string> parts;
  if (degrees.data > 1) parts.push_back(format_grouped(degrees.data) + " data");
  if (degrees.sequence > 1) parts.push_back(format_grouped(degrees.sequence) + " sequence");
  if (degrees.tensor > 1) parts.push_back(format_grouped(degrees.tensor) + " tensor");
  if (degrees.pipeline > 1) parts.push_back(format_grouped(degrees.pipeline) + " pipeline");
  std::string text = fmt::format("{} rank{}", parts.empty() ? "1" : fmt::format("{}", fmt::join(parts, " x ")),
                                 rank_count(degrees) == 1 ? "" : "s");
  if (job.method.sequence == SequenceDistribution::ring_ulysses && degrees.sequence > 1) {
    text += fmt::format(" of {} Ulysses", format_grouped(degrees.ulysses));
  }
  return text;
}

std::string format_optimizer(const Optimizer& optimizer) {
  std::string text(name_of(optimizer.kind));
  if (optimizer.kind == OptimizerKind::adamw) return text + fmt::format(" with {} states", name_of(optimizer.states));
  if (optimizer.kind == OptimizerKind::adafactor && !optimizer.factored) text = "un-factored " + text;
  if (optimizer.momentum == Momentum::none) return text;
  return text + fmt::format(" with {} momentum", name_of(optimizer.momentum));
}

namespace {

std::string training_settings(const Job& job) {
  return fmt::format("{}, {}, batch {}, recompute {}{}{}{}", name_of(job.precision), format_optimizer(job.optimizer),
                     format_grouped(job.batch), format_recompute(job.recompute),
                     job.optimizer.in_backward ? ", updates in backward" : "",
                     job.accumulate ? ", accumulated gradients" : "", job.dropout ? ", dropout" : "");
}

/// A prompt at a time, or several; whole, or in chunks.
std::string prefill_text(const Inference& inference) {
  const std::string prompts = inference.prefill_batch == 1
                                  ? "prompt by prompt"
                                  : format_grouped(inference.prefill_batch) + " prompts at a time";
  const bool is_whole = inference.prefill_chunk.rule == ChunkRule::whole;
  return prompts + (is_whole ? "" : fmt::format(" in chunks of {}", format_chunk(inference.prefill_chunk)));
}

std::string inference_settings(const Job& job) {
  return fmt::format("inference, {}, cache {}, batch {}, {}", name_of(compute_dtype(job.precision)),
                     name_of(cache_dtype(job)), format_grouped(job.batch), prefill_text(job.inference));
}

}  // namespace

std::string format_settings(const Job& job) {
  const std::string settings = job.mode == Mode::training ? training_settings(job) : inference_settings(job);
  return settings + (rank_count(job.degrees) == 1 ? "" : ", " + format_degrees(job));
}

}  // namespace headroom
