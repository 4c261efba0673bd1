#include <algorithm>

#include <fmt/format.h>

#include <headroom/sim/reproduce.h>

namespace headroom::sim {
namespace {

constexpr int kMostDecimals = 4;

int decimals_of(const ReproductionRow& row, const ReproducedRow& result) {
  return result.is_expression ? 0 : parse_decimal(row.printed, "printed").decimals;
}

/// Two digits more than are printed, unless the value is whole.
std::string value_text(const Rational& value, int printed_decimals) {
  return format_decimal(value, value.is_whole() ? 0 : std::min(printed_decimals + 2, kMostDecimals));
}

std::string signed_decimal(const Rational& value, int decimals) {
  return (value > Rational() ? "+" : "") + format_decimal(value, decimals);
}

}  // namespace

std::string printed_text(const ReproductionRow& row, const ReproducedRow& result) {
  return result.is_expression ? value_text(result.printed, 0)
                              : format_decimal(result.printed, decimals_of(row, result));
}

std::string predicted_text(const ReproductionRow& row, const ReproducedRow& result) {
  return result.predicted ? value_text(*result.predicted, decimals_of(row, result)) : "";
}

std::string error_text(const ReproductionRow& row, const ReproducedRow& result) {
  const std::optional<Rational> difference = result.difference();
  if (!difference) return "";
  if (*difference == Rational()) return "equal";
  if (row.gate == Gate::at_least && *difference > Rational()) return "above";
  if (row.unit == PrintedUnit::percent) return signed_decimal(*difference, 2) + " points";
  if (result.printed == Rational()) return signed_decimal(*difference, 2);
  return signed_decimal(Rational(100) * (*difference / result.printed), 2) + " %";
}

std::string remark_text(const ReproductionRow& row, const ReproducedRow& result) {
  const std::string expression = result.is_expression ? fmt::format("printed as {}", row.printed) : "";
  const std::string& why = row.not_derived.empty() ? row.reason : row.not_derived;
  if (expression.empty() || why.empty()) return expression + why;
  return fmt::format("{}; {}", expression, why);
}

std::string check_text(const ReproductionCheck& check, const ReproducedCheck& result) {
  if (check.kind != CheckKind::powers_of_two) return fmt::format("{} of {} groups", result.held, result.of);
  const auto percent = [&result](std::size_t rows) {
    const Rational share(static_cast<std::int64_t>(100 * rows), static_cast<std::int64_t>(result.of));
    return format_decimal(share, 0) + " %";
  };
  std::string text =
      fmt::format("{} of {} rows ({}) at most {} {} of two off, at least {} must be; {} equal ({})", result.held,
                  result.of, percent(result.held), check.steps, check.steps == 1 ? "power" : "powers", check.at_least,
                  result.equal, percent(result.equal));
  if (result.fitting > 0) text += fmt::format("; on average {} powers of two", signed_decimal(result.mean, 2));
  if (result.fitting < result.of) text += fmt::format(" without {} in which nothing fits", result.of - result.fitting);
  return text;
}

std::string summary_text(const Reproduced& reproduced) {
  std::string text = fmt::format("{} of {} gates hold", reproduced.held(), reproduced.gates());
  if (const std::size_t rows = reproduced.count(Verdict::reported); rows > 0) {
    text += fmt::format(", {} {} reported", rows, rows == 1 ? "row" : "rows");
  }
  if (const std::size_t rows = reproduced.count(Verdict::not_derived); rows > 0) {
    text += fmt::format(", {} not derived", rows);
  }
  return text;
}

}  // namespace headroom::sim
