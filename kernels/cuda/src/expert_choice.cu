#include <cmath>
#include <cstdint>

#include "cuda_backend.h"
#include "elements_at.h"
#include "expert_rules.h"

namespace headroom::kernels::cuda {

namespace {

using simt::Thread;

/// A thread for each row, which looks for its best experts one by one.
struct ChooseRow {
  static constexpr int kThreads = 128;
  static constexpr int kMinBlocks = 1;

  ExpertChoice choice;
  ConstView logits;
  ConstView correction;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x * kThreads + thread.thread(), k = choice.experts.width;
    if (row >= logits.batch * logits.rows) return;
    float largest = -INFINITY, sum = 0;
    for (std::int64_t j = 0; j < k; ++j) {
      const std::int64_t expert = best(row, j);
      int32_at(choice.experts, row, j) = static_cast<std::int32_t>(expert);
      largest = fmaxf(largest, fp32_at(logits, row, expert));
    }
    for (std::int64_t j = 0; j < k; ++j) {
      const float weight = std::exp(fp32_at(logits, row, int32_at(choice.experts, row, j)) - largest);
      fp32_at(choice.weights, row, j) = weight;
      sum += weight;
    }
    for (std::int64_t j = 0; j < k; ++j) fp32_at(choice.weights, row, j) /= sum;
  }

  [[nodiscard]] HEADROOM_DEVICE float score(std::int64_t row, std::int64_t expert) const {
    const float logit = fp32_at(logits, row, expert);
    return correction ? logit + simt::load(correction.type, correction.data, expert) : logit;
  }

  [[nodiscard]] HEADROOM_DEVICE bool has_chosen(std::int64_t row, std::int64_t expert, std::int64_t chosen) const {
    for (std::int64_t j = 0; j < chosen; ++j) {
      if (int32_at(choice.experts, row, j) == expert) return true;
    }
    return false;
  }

  /// The best expert beside the row's first `chosen` choices, of equal ones the first.
  [[nodiscard]] HEADROOM_DEVICE std::int64_t best(std::int64_t row, std::int64_t chosen) const {
    std::int64_t best = -1;
    float best_score = 0;
    for (std::int64_t expert = 0; expert < logits.width; ++expert) {
      const float mine = score(row, expert);
      if ((best >= 0 && !(mine > best_score)) || has_chosen(row, expert, chosen)) continue;
      best = expert;
      best_score = mine;
    }
    return best;
  }
};

/// The choices that a block's threads share out, consecutive ones to each: choice i is column i % k of row i / k.
struct Choices {
  View experts;

  [[nodiscard]] HEADROOM_HD std::int64_t count() const { return experts.elements(); }
  [[nodiscard]] HEADROOM_DEVICE std::int64_t begin(const Thread& thread, int of) const {
    return count() * of / thread.threads();
  }
  [[nodiscard]] HEADROOM_DEVICE std::int32_t expert(std::int64_t i) const {
    return int32_at(experts, i / experts.width, i % experts.width);
  }
  /// How many of the thread's choices are of this expert.
  [[nodiscard]] HEADROOM_DEVICE std::int32_t count_of(const Thread& thread, std::int64_t of) const {
    std::int32_t count = 0;
    for (std::int64_t i = begin(thread, thread.thread()); i < begin(thread, thread.thread() + 1); ++i) {
      count += expert(i) == of ? 1 : 0;
    }
    return count;
  }
};

/// Rows in front of the thread's that chose the block's expert, and all rows that did.
struct Counted {
  std::int32_t before = 0;
  std::int32_t all = 0;
};

/// By all threads of a block, with an int32 of shared memory each.
HEADROOM_DEVICE inline Counted count_choices(Thread& thread, const Choices& choices, std::int64_t expert) {
  auto* counts = thread.shared<std::int32_t>();
  counts[thread.thread()] = choices.count_of(thread, expert);
  thread.sync();
  Counted counted;
  for (int i = 0; i < thread.threads(); ++i) {
    if (i == thread.thread()) counted.before = counted.all;
    counted.all += counts[i];
  }
  return counted;
}

/// A block for each expert: first[expert + 1] = the rows that chose it.
struct CountRows {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;
  static constexpr int kSharedBytes = kThreads * 4;

  Choices choices;
  View first;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t expert = thread.block().x;
    const Counted counted = count_choices(thread, choices, expert);
    if (thread.thread() == 0) int32_at(first, expert + 1) = counted.all;
  }
};

/// One thread: counts become sums, or equal runs are written.
struct FirstPlaces {
  static constexpr int kThreads = 32;
  static constexpr int kMinBlocks = 1;

  View first;
  std::int64_t capacity = 0;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    if (thread.thread() > 0) return;
    int32_at(first, 0) = 0;
    for (std::int64_t e = 1; e < first.width; ++e) {
      const std::int32_t places = capacity > 0 ? static_cast<std::int32_t>(capacity) : int32_at(first, e);
      int32_at(first, e) = int32_at(first, e - 1) + places;
    }
  }
};

/// A block for each expert: its rows take its places in order.
struct TakePlaces {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;
  static constexpr int kSharedBytes = kThreads * 4;

  Choices choices;
  View places;
  ConstView first;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t expert = thread.block().x;
    const std::int32_t end = int32_at(first, expert + 1);
    std::int32_t next = int32_at(first, expert) + count_choices(thread, choices, expert).before;
    for (std::int64_t i = choices.begin(thread, thread.thread()); i < choices.begin(thread, thread.thread() + 1); ++i) {
      if (choices.expert(i) != expert) continue;
      int32_at(places, i / places.width, i % places.width) = next < end ? next : -1;
      ++next;
    }
  }
};

/// A thread for each row.
struct SpreadRow {
  static constexpr int kThreads = 128;
  static constexpr int kMinBlocks = 1;

  View d_logits;
  ConstView d_chosen;
  ConstView experts;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x * kThreads + thread.thread();
    if (row >= d_logits.batch * d_logits.rows) return;
    for (std::int64_t j = 0; j < experts.width; ++j) {
      fp32_at(d_logits, row, int32_at(experts, row, j)) = fp32_at(d_chosen, row, j);
    }
  }
};

}  // namespace

void CudaBackend::choose_experts(const ExpertChoice& choice, ConstView logits, ConstView correction,
                                 std::int64_t capacity) {
  check_choose(choice, logits, correction, capacity);
  const Choices choices{choice.experts};
  launch({{simt::parts_of(logits.batch * logits.rows, ChooseRow::kThreads), 1, 1}, ChooseRow::kThreads, 0},
         ChooseRow{choice, logits, correction});
  if (capacity == 0) {
    launch({{logits.width, 1, 1}, CountRows::kThreads, CountRows::kSharedBytes}, CountRows{choices, choice.first});
  }
  launch({{1, 1, 1}, FirstPlaces::kThreads, 0}, FirstPlaces{choice.first, capacity});
  launch({{logits.width, 1, 1}, TakePlaces::kThreads, TakePlaces::kSharedBytes},
         TakePlaces{choices, choice.places, choice.first});
}

void CudaBackend::expert_logits_gradient(View d_logits, ConstView d_chosen, ConstView experts) {
  check_logits_gradient(d_logits, d_chosen, experts);
  zero(d_logits);
  launch({{simt::parts_of(d_logits.batch * d_logits.rows, SpreadRow::kThreads), 1, 1}, SpreadRow::kThreads, 0},
         SpreadRow{d_logits, d_chosen, experts});
}

}  // namespace headroom::kernels::cuda
