#include <headroom/sim/check.h>

#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/error.h>

namespace headroom::sim {
namespace {

constexpr Bytes kWitnessedFrom = 1_GiB;
constexpr Bytes kWitnessSlack = 16_MiB;
constexpr std::int64_t kWitnessShare = 50;  // 2 %
constexpr Bytes kDeviceSlack = 64_MiB;
constexpr std::int64_t kDeviceShare = 100;         // 1 %
constexpr std::int64_t kMeasuredMicroBatches = 2;  // of a step that accumulates gradients (docs/records.md)

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

/// What somebody else saw beyond a run without the job. On the host that holds the workspace already; there the process
/// also has what is offloaded, so that the sum of two memories' peaks says nothing of one.
std::optional<CheckedFigure> checked_witness(const Record& record, Bytes predicted) {
  if (!record.witness) return std::nullopt;
  const Bytes seen = record.witness->peak - record.witness->baseline;
  if (record.witness->source == kCuptiWitness) return CheckedFigure{seen, predicted, Bytes()};
  if (predicted < kWitnessedFrom || record.host) return std::nullopt;
  return CheckedFigure{seen, predicted, witness_tolerance(predicted)};
}

/// Without calibration the device's constants are somebody's guess, and nothing is held against them.
std::optional<CheckedFigure> checked_device(const Record& record, const Breakdown& predicted) {
  const Device& device = record.job.device;
  const bool is_calibrated =
      device.context.certainty == Certainty::measured && device.allocator_slack.certainty == Certainty::measured;
  if (!record.device_memory || !record.device_memory->context || !is_calibrated) return std::nullopt;
  return CheckedFigure{record.device_memory->peak, predicted.device,
                       std::max(Bytes(predicted.device.count() / kDeviceShare), kDeviceSlack)};
}

[[nodiscard]] bool all_agree(const std::vector<CheckedCategory>& categories) {
  return std::all_of(categories.begin(), categories.end(), [](const CheckedCategory& c) { return c.figure.agrees(); });
}

std::optional<CheckedSent> checked_sent(const Job& job, const MeasuredRank& rank) {
  if (!rank.sent) return std::nullopt;
  const std::int64_t micro_batches = job.accumulate ? kMeasuredMicroBatches : 1;
  const Sent predicted = communication(job, job.seq, rank.rank).step(micro_batches).total();
  return CheckedSent{{rank.sent->bytes, rank.sent->messages}, predicted};
}

/// A record without what the prediction has on the host is held to nothing there: it does not agree.
std::optional<CheckedHost> checked_host(const std::optional<MeasuredPeak>& host, const Breakdown& predicted) {
  if (!host && predicted.host.allocated == Bytes()) return std::nullopt;
  const MeasuredPeak measured = host.value_or(MeasuredPeak{});
  return CheckedHost{{measured.total, predicted.host.allocated, Bytes()},
                     checked_categories(measured.categories, predicted.host.categories)};
}

std::vector<CheckedRank> checked_ranks(const Record& record, const Breakdown& predicted) {
  const std::int64_t expected = rank_count(record.job.degrees);
  const auto present = static_cast<std::int64_t>(record.ranks.size());
  if (expected > 1 && present != expected) {
    throw InputError(fmt::format("the job runs on {} ranks, but the record has {} of them", expected, present));
  }
  std::vector<CheckedRank> ranks;
  for (const MeasuredRank& rank : record.ranks) {
    ranks.push_back({rank.rank,
                     {rank.allocated.total, predicted.allocated, Bytes()},
                     checked_categories(rank.allocated.categories, predicted.categories),
                     checked_host(rank.host, predicted),
                     checked_sent(record.job, rank)});
  }
  return ranks;
}

}  // namespace

Bytes witness_tolerance(Bytes predicted) { return Bytes(predicted.count() / kWitnessShare) + kWitnessSlack; }

bool CheckedHost::agrees() const { return total.agrees() && all_agree(categories); }

bool CheckedRank::agrees() const {
  return total.agrees() && all_agree(categories) && (!host || host->agrees()) && (!sent || sent->agrees());
}

bool Check::agrees() const {
  const bool ranks_agree = std::all_of(ranks.begin(), ranks.end(), [](const CheckedRank& r) { return r.agrees(); });
  return total.agrees() && all_agree(categories) && ranks_agree && (!host || host->agrees()) &&
         (!witness || witness->agrees()) && (!device || device->agrees());
}

Check check(const Record& record) { return check(record, Predictor(record.job).breakdown(record.job.seq)); }

Check check(const Record& record, const Breakdown& predicted) {
  return {{record.allocated.total, predicted.allocated, Bytes()},
          checked_categories(record.allocated.categories, predicted.categories),
          checked_witness(record, predicted.allocated),
          checked_device(record, predicted),
          checked_host(record.host, predicted),
          checked_ranks(record, predicted),
          predicted.moment};
}

}  // namespace headroom::sim
