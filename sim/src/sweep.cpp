#include <headroom/sim/sweep.h>

#include <algorithm>
#include <utility>

#include <headroom/models/checked.h>
#include <headroom/models/error.h>

#include "narration/listeners/levels.h"

namespace headroom::sim {
namespace {

void take(SweepAnswer& answer, const Job& job, const Breakdown& breakdown) {
  answer.allocated = breakdown.allocated;
  answer.device = breakdown.device;
  answer.host = breakdown.host.allocated;
  answer.moment = breakdown.moment;
  answer.binding = breakdown.binding;
  answer.fits = fits(job, breakdown);
}

void answer_at(SweepAnswer& answer, const Predictor& predictor) {
  take(answer, predictor.job(), predictor.breakdown_without(kNothingVanished, answer.seq));
}

void answer_longest(SweepAnswer& answer, const Predictor& predictor, const Grid& grid) {
  const MaxContext longest = max_context(predictor, grid);
  take(answer, predictor.job(), longest.breakdown);
  answer.seq = longest.tokens;
  answer.host_binds = longest.host && longest.host->binds;
}

/// A predictor, or the sentence why there is none.
using Combination = std::variant<Predictor, std::string>;

Combination combination_of(const Job& job) {
  try {
    return Predictor(job);
  } catch (const InputError& error) {
    return std::string(error.what());
  }
}

SweepAnswer answer_of(const Combination& combination, const SweepQuestion& question, std::int64_t length) {
  SweepAnswer answer;
  const auto* lengths = std::get_if<SweepLengths>(&question);
  if (lengths != nullptr) answer.seq = lengths->at(length);
  const auto* predictor = std::get_if<Predictor>(&combination);
  if (predictor == nullptr) {
    answer.refused = std::get<std::string>(combination);
    return answer;
  }
  answer.capacity = predictor->job().device.capacity.bytes;
  try {
    lengths != nullptr ? answer_at(answer, *predictor) : answer_longest(answer, *predictor, std::get<Grid>(question));
  } catch (const InputError& error) {
    answer.refused = error.what();
  }
  return answer;
}

}  // namespace

Sweep::Sweep(Job base, std::vector<SweepAxis> axes, SweepQuestion question)
    : base_(std::move(base)), axes_(std::move(axes)), question_(std::move(question)) {
  if (const auto* lengths = std::get_if<SweepLengths>(&question_)) lengths_ = lengths->count;
  try {
    rows_ = lengths_;
    for (const SweepAxis& axis : axes_) rows_ = checked_mul(rows_, axis.count);
  } catch (const OverflowError&) {
    throw InputError("the sweep has more than 2^63-1 jobs; give fewer values");
  }
  if (rows_ < 1) throw InputError("the sweep has no jobs; give every axis a value");
}

std::vector<std::int64_t> Sweep::values(std::int64_t row) const {
  std::vector<std::int64_t> result(axes_.size() + 1);
  result.back() = row % lengths_;
  row /= lengths_;
  for (std::size_t i = axes_.size(); i > 0; --i) {
    result[i - 1] = row % axes_[i - 1].count;
    row /= axes_[i - 1].count;
  }
  return result;
}

Job Sweep::job_of(std::int64_t combination) const {
  Job job = base_;
  const std::vector<std::int64_t> chosen = values(combination * lengths_);
  for (const bool brings_others : {true, false}) {
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      if (axes_[i].brings_others == brings_others) axes_[i].set(job, chosen[i]);
    }
  }
  return job;
}

void Sweep::answer(std::int64_t first, std::int64_t count,
                   const std::function<void(std::int64_t row, const SweepAnswer& answer)>& visit) const {
  const std::int64_t end = first + count;
  for (std::int64_t row = first; row < end;) {
    const std::int64_t last = std::min(end, (row / lengths_ + 1) * lengths_);
    const Combination combination = combination_of(job_of(row / lengths_));
    for (; row < last; ++row) visit(row, answer_of(combination, question_, row % lengths_));
  }
}

}  // namespace headroom::sim
