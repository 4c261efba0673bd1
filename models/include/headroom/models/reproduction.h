#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/models/named.h>
#include <headroom/models/rational.h>
#include <headroom/models/read.h>

namespace headroom {

/// How a printed number is known. What is known from memory alone is reported and never gated.
enum class PrintedCertainty : std::uint8_t { paper, code, chart, quoted, derived, memory };
/// The unit that a number is printed in.
enum class PrintedUnit : std::uint8_t {
  bytes,
  kib,
  mib,
  gb,
  gib,
  elements,
  tokens,
  kilo_tokens,
  kibi_tokens,
  flops,
  percent,
  times
};
/// What a unit counts.
enum class Dimension : std::uint8_t { bytes, elements, tokens, operations, ratio };
/// What must hold between a prediction and the printed number.
enum class Gate : std::uint8_t {
  none,       ///< nothing: the row is reported
  exact,      ///< equal
  digits,     ///< at most half of the last printed digit apart
  truncated,  ///< printed with all further digits cut off
  within,     ///< at most the row's tolerance apart, in its unit
  at_least,   ///< not less than printed: a limit that a paper says is exceeded
};
/// What is asked of a job.
enum class JobQuantity : std::uint8_t {
  max_context,  ///< the longest sequence of the row's grid that fits the job's device, tokens
  allocated,    ///< live tensors at the peak at the job's length, bytes
  device,       ///< the same with the device's context, workspace and slack, bytes
  layer,        ///< what one layer's forward leaves for backward at the job's length, bytes
  parameters,   ///< of the live tensors at the peak, those of this category, bytes; so the next two
  gradients,
  optimizer_state,
  activations,  ///< of the live tensors at the peak, those of no such category, bytes
};

/// What is asked of several rows at once.
enum class CheckKind : std::uint8_t {
  ratio,          ///< in every group the first row is predicted `factor` times as large as the second
  ascending,      ///< in every group no row is predicted below the one named before it
  powers_of_two,  ///< prediction and print are at most `steps` doublings apart in at least `at_least` rows
};

template <>
std::span<const Named<PrintedCertainty>> values_of<PrintedCertainty>();
template <>
std::span<const Named<PrintedUnit>> values_of<PrintedUnit>();
template <>
std::span<const Named<Gate>> values_of<Gate>();
template <>
std::span<const Named<JobQuantity>> values_of<JobQuantity>();
template <>
std::span<const Named<CheckKind>> values_of<CheckKind>();

[[nodiscard]] Dimension dimension_of(PrintedUnit unit);
[[nodiscard]] std::string_view name_of(Dimension dimension);
/// Bytes, elements, tokens, operations or parts of one that one of the unit is.
[[nodiscard]] Rational scale_of(PrintedUnit unit);

/// Sizes by the symbol that a paper uses for them.
using SymbolValues = std::map<std::string, std::int64_t, std::less<>>;

/// Something that a comparison takes for granted, stated with its source in front of the comparison.
struct ReproductionSetting {
  std::string name;
  std::string value;     ///< in words; may be empty where symbols or a job say it
  SymbolValues symbols;  ///< for the formulas of rows that use the setting
  std::string job;       ///< keys of a job file as one JSON object, for jobs of rows that use it; or empty
  std::string text;      ///< all of these for people: "h = 4096, L = 32", "precision fp32, batch 1"
  std::string source;
};

/// A printed number and what is held against it: a published formula, a job, or nothing, with the reason why.
struct ReproductionRow {
  std::string name;
  std::string group;    ///< a heading above the rows that share it
  std::string printed;  ///< a decimal number, or an expression in the row's symbols such as "2bsh + 4bch"
  PrintedUnit unit{};
  PrintedCertainty certainty{};
  std::vector<std::string> settings;  ///< names of those it uses
  SymbolValues symbols;               ///< theirs and its own

  std::string formula;            ///< a published formula's name, or empty
  std::string relative_to;        ///< another, which the first is divided by, or empty
  SymbolValues relative_symbols;  ///< the symbols of that one

  std::optional<Job> job;
  std::optional<Job> relative_job;  ///< the job whose quantity the first's is divided by
  JobQuantity quantity{};
  bool powers_of_two = false;  ///< max_context: the grid; else multiples of 256 tokens

  std::string not_derived;  ///< why nothing can be held against it, or empty

  Gate gate = Gate::none;
  Decimal tolerance;   ///< read only for Gate::within, in the row's unit
  std::string reason;  ///< why prediction and print differ, or empty
};

/// A gate over a whole table: over all rows with these names, or over every group that has them.
struct ReproductionCheck {
  std::string name;
  CheckKind kind{};
  std::vector<std::string> rows;  ///< names of rows
  std::string factor;             ///< CheckKind::ratio: an expression in the symbols of the first row
  std::int64_t steps = 0;         ///< CheckKind::powers_of_two, this and the next
  std::int64_t at_least = 0;
};

/// One table of a paper: what it prints, under which settings, and which rows must come out.
struct Reproduction {
  std::string origin;  ///< its name where it is compiled in, else the file's path: for messages
  std::string name;
  std::string title;
  std::string source;
  std::vector<ReproductionSetting> settings;
  std::vector<std::string> contradictions;  ///< of the paper with itself, a sentence each
  std::vector<ReproductionRow> rows;
  std::vector<ReproductionCheck> checks;
};

/// Names of the reproductions compiled into the library, in the order they are listed to people.
[[nodiscard]] std::vector<std::string_view> reproduction_names();
/// One of them, or a file of the same form (docs/reproductions.md). Throws InputError: file, key, accepted values.
[[nodiscard]] Read<Reproduction> read_reproduction(const std::string& name_or_path);
/// The same from text; `origin` names it in messages.
[[nodiscard]] Read<Reproduction> parse_reproduction(std::string_view text, const std::string& origin);

}  // namespace headroom
