#include <headroom/sim/reproduce.h>

#include <algorithm>

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
  return value_at(formula, row.symbols) / value_at(whole, row.symbols);
}

std::int64_t saved_by_layer(const Predictor& predictor, Tokens seq) {
  Bytes sum;
  for (const LiveTensor& tensor : predictor.saved_by_layer(seq)) sum += tensor.total;
  return sum.count();
}

Rational predict_job(const ReproductionRow& row) {
  require_fits(row, dimension_of(row.quantity));
  const Predictor predictor(*row.job);
  const Tokens seq = row.job->seq;
  Grid grid;
  if (row.powers_of_two) grid.kind = Grid::Kind::powers_of_two;
  switch (row.quantity) {
    case JobQuantity::max_context: return longest_context(predictor, grid).count();
    case JobQuantity::allocated: return predictor.peak(seq).allocated.count();
    case JobQuantity::device: return (predictor.peak(seq).allocated + predictor.overhead()).count();
    case JobQuantity::layer: break;
  }
  return saved_by_layer(predictor, seq);
}

bool is_number(std::string_view printed) {
  return !printed.empty() && printed.find_first_not_of("0123456789.-") == std::string_view::npos;
}

/// Largest accepted distance. Half of the last printed digit, for Gate::digits.
Rational tolerance_of(const ReproductionRow& row) {
  if (row.gate == Gate::within) return row.tolerance.value;
  if (row.gate == Gate::exact) return 0;
  Rational half(1, 2);
  for (int i = 0; i < parse_decimal(row.printed, "printed").decimals; ++i) half = half / Rational(10);
  return half;
}

Verdict judge(const ReproductionRow& row, const ReproducedRow& result) {
  if (!result.predicted) return Verdict::not_derived;
  if (row.gate == Gate::none) return Verdict::reported;
  return result.difference()->magnitude() <= tolerance_of(row) ? Verdict::holds : Verdict::fails;
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

}  // namespace

std::optional<Rational> ReproducedRow::difference() const {
  if (!predicted) return std::nullopt;
  return *predicted - printed;
}

std::size_t Reproduced::count(Verdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [verdict](const ReproducedRow& row) { return row.verdict == verdict; }));
}
std::size_t Reproduced::gates() const { return held() + count(Verdict::fails); }
std::size_t Reproduced::held() const { return count(Verdict::holds); }

Reproduced reproduce(const Reproduction& reproduction) {
  Reproduced result;
  for (std::size_t i = 0; i < reproduction.rows.size(); ++i) {
    try {
      result.rows.push_back(reproduce(reproduction.rows[i]));
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: rows[{}]: {}", reproduction.origin, i, error.what()));
    }
  }
  return result;
}

}  // namespace sim
}  // namespace headroom
