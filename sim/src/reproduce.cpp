#include <headroom/sim/reproduce.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/sim/max_context.h>

#include "expression.h"
#include "formulas.h"

namespace headroom {

template <>
std::span<const Named<sim::Verdict>> values_of<sim::Verdict>() {
  static constexpr Named<sim::Verdict> kValues[] = {
      {sim::Verdict::holds, "holds", "the gate does"},
      {sim::Verdict::fails, "fails", "the gate does not"},
      {sim::Verdict::reported, "reported", "no gate"},
      {sim::Verdict::not_derived, "not-derived", "nothing to compare with"},
  };
  return kValues;
}

namespace sim {
namespace {

Dimension dimension_of(JobQuantity quantity) {
  return quantity == JobQuantity::max_context ? Dimension::tokens : Dimension::bytes;
}

/// Throws InputError unless a value that counts `dimension` can be told in the row's unit.
void require_fits(const ReproductionRow& row, Dimension dimension) {
  if (headroom::dimension_of(row.unit) == dimension) return;
  throw InputError(fmt::format("the unit {} does not fit: the prediction counts {}", name_of(row.unit),
                               headroom::name_of(dimension)));
}

Rational predict_formula(const ReproductionRow& row) {
  const Formula& formula = formula_named(row.formula);
  if (row.relative_to.empty()) {
    require_fits(row, formula.dimension);
    return value_at(formula, row.symbols);
  }
  const Formula& whole = formula_named(row.relative_to);
  require_fits(row, Dimension::ratio);
  if (whole.dimension != formula.dimension) {
    throw InputError(fmt::format("{} counts {}, and {}, which it is divided by, {}", formula.name,
                                 headroom::name_of(formula.dimension), whole.name, headroom::name_of(whole.dimension)));
  }
  return value_at(formula, row.symbols) / value_at(whole, row.relative_symbols);
}

std::int64_t saved_by_layer(const Predictor& predictor, Tokens seq) {
  Bytes sum;
  for (const LiveTensor& tensor : predictor.saved_by_layer(seq)) sum += tensor.total;
  return sum.count();
}

/// Of the live tensors at the peak, those that the quantity counts.
Bytes part_of_peak(const Predictor& predictor, Tokens seq, JobQuantity quantity) {
  const Breakdown peak = predictor.breakdown(seq);
  const Bytes parameters = peak.categories[Category::parameters];
  const Bytes gradients = peak.categories[Category::gradients];
  const Bytes optimizer = peak.categories[Category::optimizer_state];
  if (quantity == JobQuantity::parameters) return parameters;
  if (quantity == JobQuantity::gradients) return gradients;
  if (quantity == JobQuantity::optimizer_state) return optimizer;
  return peak.allocated - parameters - gradients - optimizer;
}

Rational quantity_of(const Job& job, const ReproductionRow& row) {
  const Predictor predictor(job);
  Grid grid;
  if (row.powers_of_two) grid.kind = Grid::Kind::powers_of_two;
  switch (row.quantity) {
    case JobQuantity::max_context: return longest_context(predictor, grid).count();
    case JobQuantity::allocated: return predictor.peak(job.seq).allocated.count();
    case JobQuantity::device: return (predictor.peak(job.seq).allocated + predictor.overhead()).count();
    case JobQuantity::layer: return saved_by_layer(predictor, job.seq);
    case JobQuantity::parameters:
    case JobQuantity::gradients:
    case JobQuantity::optimizer_state:
    case JobQuantity::activations: break;
  }
  return part_of_peak(predictor, job.seq, row.quantity).count();
}

Rational predict_job(const ReproductionRow& row) {
  require_fits(row, row.relative_job ? Dimension::ratio : dimension_of(row.quantity));
  const Rational value = quantity_of(*row.job, row);
  return row.relative_job ? value / quantity_of(*row.relative_job, row) : value;
}

bool is_number(std::string_view printed) {
  return !printed.empty() && printed.find_first_not_of("0123456789.-") == std::string_view::npos;
}

/// One in the place of the last printed digit: 1/10 of "31.4".
Rational last_digit(const ReproductionRow& row) {
  Rational digit(1);
  for (int i = 0; i < parse_decimal(row.printed, "printed").decimals; ++i) digit = digit / Rational(10);
  return digit;
}

/// Whether the row's gate lets the prediction be so much above what is printed.
bool holds(const ReproductionRow& row, const Rational& difference) {
  switch (row.gate) {
    case Gate::none: return true;
    case Gate::exact: return difference == Rational();
    case Gate::digits: return difference.magnitude() <= last_digit(row) * Rational(1, 2);
    case Gate::truncated: return difference >= Rational() && difference < last_digit(row);
    case Gate::within: return difference.magnitude() <= row.tolerance.value;
    case Gate::at_least: break;
  }
  return difference >= Rational();
}

Verdict judge(const ReproductionRow& row, const ReproducedRow& result) {
  if (!result.predicted) return Verdict::not_derived;
  if (row.gate == Gate::none) return Verdict::reported;
  return holds(row, *result.difference()) ? Verdict::holds : Verdict::fails;
}

ReproducedRow reproduce(const ReproductionRow& row) {
  ReproducedRow result;
  const Rational scale = scale_of(row.unit);
  result.is_expression = !is_number(row.printed);
  result.printed =
      result.is_expression ? evaluate(row.printed, row.symbols) / scale : parse_decimal(row.printed, "printed").value;
  if (row.not_derived.empty()) {
    result.predicted = (row.job ? predict_job(row) : predict_formula(row)) / scale;
  }
  result.verdict = judge(row, result);
  return result;
}

/// Rows with one of the check's names.
std::vector<std::size_t> rows_of(const ReproductionCheck& check, const Reproduction& reproduction) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < reproduction.rows.size(); ++i) {
    const std::string& name = reproduction.rows[i].name;
    if (std::find(check.rows.begin(), check.rows.end(), name) != check.rows.end()) found.push_back(i);
  }
  if (found.empty()) throw InputError("no row has one of these names");
  return found;
}

Rational predicted_in(const Reproduced& result, std::size_t row) {
  if (!result.rows[row].predicted) throw InputError(fmt::format("rows[{}] is not derived", row));
  return *result.rows[row].predicted;
}

/// The row of the same group as `row` with this name.
std::size_t beside(const Reproduction& reproduction, std::size_t row, const std::string& name) {
  for (std::size_t i = 0; i < reproduction.rows.size(); ++i) {
    if (reproduction.rows[i].group == reproduction.rows[row].group && reproduction.rows[i].name == name) return i;
  }
  throw InputError(fmt::format("the group of rows[{}] has no row '{}'", row, name));
}

bool holds_in_group(const ReproductionCheck& check, const Reproduction& reproduction, const Reproduced& result,
                    std::size_t first) {
  std::vector<std::size_t> rows;
  for (const std::string& name : check.rows) rows.push_back(beside(reproduction, first, name));
  if (check.kind == CheckKind::ratio) {
    const Rational factor = evaluate(check.factor, reproduction.rows[rows[0]].symbols);
    return predicted_in(result, rows[0]) == factor * predicted_in(result, rows[1]);
  }
  return std::is_sorted(rows.begin(), rows.end(), [&result](std::size_t a, std::size_t b) {
    return predicted_in(result, a) < predicted_in(result, b);
  });
}

ReproducedCheck check_groups(const ReproductionCheck& check, const Reproduction& reproduction,
                             const Reproduced& result) {
  ReproducedCheck checked;
  for (const std::size_t row : rows_of(check, reproduction)) {
    if (beside(reproduction, row, reproduction.rows[row].name) != row) {
      throw InputError(fmt::format("rows[{}] has the name of another row of its group", row));
    }
    if (reproduction.rows[row].name != check.rows.front()) continue;
    ++checked.of;
    if (holds_in_group(check, reproduction, result, row)) ++checked.held;
  }
  checked.holds = checked.held == checked.of && checked.of > 0;
  return checked;
}

/// k of 2^k; none for another number.
std::optional<std::int64_t> exponent_of(const Rational& value) {
  const auto power = [](std::int64_t n) -> std::optional<std::int64_t> {
    if (n < 1 || !std::has_single_bit(static_cast<std::uint64_t>(n))) return std::nullopt;
    return std::countr_zero(static_cast<std::uint64_t>(n));
  };
  if (value.is_whole()) return power(value.numerator());
  if (value.numerator() != 1 || !power(value.denominator())) return std::nullopt;
  return -*power(value.denominator());
}

ReproducedCheck check_powers(const ReproductionCheck& check, const Reproduction& reproduction,
                             const Reproduced& result) {
  ReproducedCheck checked;
  std::int64_t sum = 0;
  for (const std::size_t row : rows_of(check, reproduction)) {
    ++checked.of;
    const Rational predicted = predicted_in(result, row);
    if (predicted == Rational()) continue;
    const std::optional<std::int64_t> steps = exponent_of(predicted / result.rows[row].printed);
    if (!steps) throw InputError(fmt::format("rows[{}]: prediction and print are no power of two apart", row));
    ++checked.fitting;
    sum += *steps;
    if (*steps == 0) ++checked.equal;
    if (std::abs(*steps) <= check.steps) ++checked.held;
  }
  checked.holds = static_cast<std::int64_t>(checked.held) >= check.at_least;
  if (checked.fitting > 0) checked.mean = {sum, static_cast<std::int64_t>(checked.fitting)};
  return checked;
}

ReproducedCheck check_rows(const ReproductionCheck& check, const Reproduction& reproduction, const Reproduced& result) {
  return check.kind == CheckKind::powers_of_two ? check_powers(check, reproduction, result)
                                                : check_groups(check, reproduction, result);
}

std::size_t count_checks(const Reproduced& result, bool holds) {
  return static_cast<std::size_t>(
      std::count_if(result.checks.begin(), result.checks.end(),
                    [holds](const ReproducedCheck& check) { return check.holds == holds; }));
}

/// `part` of the file at `index`, with its place in front of what it refuses.
template <class Function>
auto at_place(const Reproduction& reproduction, std::string_view list, std::size_t index, Function part) {
  try {
    return part();
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}[{}]: {}", reproduction.origin, list, index, error.what()));
  }
}

}  // namespace

std::optional<Rational> ReproducedRow::difference() const {
  if (!predicted) return std::nullopt;
  return *predicted - printed;
}

std::size_t Reproduced::count(Verdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [verdict](const ReproducedRow& row) { return row.verdict == verdict; }));
}
std::size_t Reproduced::gates() const { return held() + count(Verdict::fails) + count_checks(*this, false); }
std::size_t Reproduced::held() const { return count(Verdict::holds) + count_checks(*this, true); }

Reproduced reproduce(const Reproduction& reproduction) {
  Reproduced result;
  for (std::size_t i = 0; i < reproduction.rows.size(); ++i) {
    result.rows.push_back(at_place(reproduction, "rows", i, [&] { return reproduce(reproduction.rows[i]); }));
  }
  for (std::size_t i = 0; i < reproduction.checks.size(); ++i) {
    result.checks.push_back(
        at_place(reproduction, "checks", i, [&] { return check_rows(reproduction.checks[i], reproduction, result); }));
  }
  return result;
}

}  // namespace sim
}  // namespace headroom
