#include <headroom/sim/check.h>

#include <algorithm>

namespace headroom::sim {
namespace {

constexpr Bytes kWitnessedFrom = 1_GiB;
constexpr Bytes kWitnessSlack = 16_MiB;
constexpr std::int64_t kWitnessShare = 50;  // 2 %

[[nodiscard]] bool is_of_tensors(Category c) {
  return c != Category::context && c != Category::workspace && c != Category::allocator_slack;
}

std::vector<CheckedCategory> checked_categories(const BytesByCategory& measured, const BytesByCategory& predicted) {
  std::vector<CheckedCategory> result;
  for (const auto& named : values_of<Category>()) {
    const CheckedFigure figure{measured[named.value], predicted[named.value], Bytes()};
    const bool is_zero = figure.measured == Bytes() && figure.predicted == Bytes();
    if (is_of_tensors(named.value) && !is_zero) result.push_back({named.value, figure});
  }
  return result;
}

/// What the system saw beyond an empty run, whose baseline holds the workspace already.
std::optional<CheckedFigure> checked_witness(const Record& record, Bytes predicted) {
  if (!record.witness || predicted < kWitnessedFrom) return std::nullopt;
  return CheckedFigure{record.witness->peak - record.witness->baseline, predicted, witness_tolerance(predicted)};
}

}  // namespace

Bytes witness_tolerance(Bytes predicted) { return Bytes(predicted.count() / kWitnessShare) + kWitnessSlack; }

bool Check::agrees() const {
  const bool categories_agree =
      std::all_of(categories.begin(), categories.end(), [](const CheckedCategory& c) { return c.figure.agrees(); });
  return total.agrees() && categories_agree && (!witness || witness->agrees());
}

Check check(const Record& record) { return check(record, Predictor(record.job).breakdown(record.job.seq)); }

Check check(const Record& record, const Breakdown& predicted) {
  return {{record.allocated.total, predicted.allocated, Bytes()},
          checked_categories(record.allocated.categories, predicted.categories),
          checked_witness(record, predicted.allocated),
          predicted.moment};
}

}  // namespace headroom::sim
