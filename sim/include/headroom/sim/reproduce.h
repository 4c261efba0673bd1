#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/rational.h>
#include <headroom/models/reproduction.h>

namespace headroom::sim {

/// What became of a row.
enum class Verdict : std::uint8_t {
  holds,        ///< its gate does
  fails,        ///< its gate does not
  reported,     ///< it has no gate
  not_derived,  ///< nothing was held against it
};

/// One printed number beside its prediction, both in the row's unit and exact.
struct ReproducedRow {
  std::optional<Rational> predicted;  ///< none where nothing is derived
  Rational printed;                   ///< an expression's is its value
  bool is_expression = false;
  Verdict verdict = Verdict::reported;

  /// predicted - printed; none where nothing is derived.
  [[nodiscard]] std::optional<Rational> difference() const;
};

/// What a check over several rows found.
struct ReproducedCheck {
  bool holds = false;
  std::size_t held = 0;     ///< groups (CheckKind::powers_of_two: rows) in which it does
  std::size_t of = 0;       ///< of so many
  std::size_t equal = 0;    ///< CheckKind::powers_of_two: rows that are predicted as printed
  std::size_t fitting = 0;  ///< the same: rows that are predicted above zero
  Rational mean;            ///< the same: of their doublings from print to prediction
};

/// A reproduction's rows in order.
struct Reproduced {
  std::vector<ReproducedRow> rows;
  std::vector<ReproducedCheck> checks;

  [[nodiscard]] std::size_t gates() const;  ///< rows that have one, and checks
  [[nodiscard]] std::size_t held() const;   ///< those that hold
  [[nodiscard]] std::size_t count(Verdict verdict) const;
  [[nodiscard]] bool agrees() const { return gates() == held(); }
};

/// Predicts every row: its published formula at its symbols, or its job. Throws InputError that names the file,
/// the row and the key where a formula or a symbol is unknown, units do not fit, an expression cannot be read or a job
/// is refused.
[[nodiscard]] Reproduced reproduce(const Reproduction& reproduction);

/// What people read of a row, without its unit: "31.4", "31.41", "+2.00 %" of the printed number ("-0.03 points" of a
/// printed percentage, "equal", or nothing where nothing is derived).
[[nodiscard]] std::string printed_text(const ReproductionRow& row, const ReproducedRow& result);
[[nodiscard]] std::string predicted_text(const ReproductionRow& row, const ReproducedRow& result);
[[nodiscard]] std::string error_text(const ReproductionRow& row, const ReproducedRow& result);
/// What is to be said of a row: an expression as printed, and why the numbers differ or nothing is derived. May be
/// empty.
[[nodiscard]] std::string remark_text(const ReproductionRow& row, const ReproducedRow& result);
/// "in 13 of 13 groups", "29 of 39 rows at most 1 power of two off, at least 29 must be; ..."
[[nodiscard]] std::string check_text(const ReproductionCheck& check, const ReproducedCheck& result);
/// "12 of 12 gates hold, 3 rows reported, 2 not derived"
[[nodiscard]] std::string summary_text(const Reproduced& reproduced);

/// The published formulas that a row can name.
[[nodiscard]] std::vector<std::string_view> formula_names();

}  // namespace headroom::sim

namespace headroom {
template <>
std::span<const Named<sim::Verdict>> values_of<sim::Verdict>();
}  // namespace headroom
