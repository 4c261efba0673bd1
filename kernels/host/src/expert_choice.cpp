#include "expert_rules.h"
#include "integers.h"
#include "loops.h"

namespace headroom::kernels::host {

namespace {

/// The scores of a row and what it has chosen of them so far.
struct ScoredRow {
  const ExpertChoice& choice;
  ConstView logits;
  ConstView correction;
  std::int64_t row = 0;

  [[nodiscard]] float logit(std::int64_t expert) const { return fp32(logits, row_begin(logits, row) + expert); }
  [[nodiscard]] float score(std::int64_t expert) const {
    float buffer = 0;
    return logit(expert) + (correction ? *read(correction.type, correction.data, expert, 1, &buffer) : 0);
  }
  [[nodiscard]] float& weight(std::int64_t j) const { return fp32(choice.weights, row_begin(choice.weights, row) + j); }
  [[nodiscard]] std::int32_t& expert(std::int64_t j) const { return int32(choice.experts, row, j); }

  [[nodiscard]] bool has_chosen(std::int64_t expert_in_question, std::int64_t chosen) const {
    for (std::int64_t j = 0; j < chosen; ++j) {
      if (expert(j) == expert_in_question) return true;
    }
    return false;
  }

  /// The best expert beside the first `chosen` choices.
  [[nodiscard]] std::int64_t best(std::int64_t chosen) const {
    std::int64_t best = -1;
    for (std::int64_t e = 0; e < logits.width; ++e) {
      if (!has_chosen(e, chosen) && (best < 0 || score(e) > score(best))) best = e;
    }
    return best;
  }

  void choose() const {
    const std::int64_t k = choice.experts.width;
    for (std::int64_t j = 0; j < k; ++j) expert(j) = static_cast<std::int32_t>(best(j));
    float largest = logit(expert(0)), sum = 0;
    for (std::int64_t j = 1; j < k; ++j) largest = std::max(largest, logit(expert(j)));
    for (std::int64_t j = 0; j < k; ++j) sum += weight(j) = std::exp(logit(expert(j)) - largest);
    for (std::int64_t j = 0; j < k; ++j) weight(j) /= sum;
  }
};

/// body(row, choice) in the order of the rows.
template <class Body>
void for_each_choice(const View& chosen, const Body& body) {
  for (std::int64_t row = 0; row < chosen.batch * chosen.rows; ++row) {
    for (std::int64_t j = 0; j < chosen.width; ++j) body(row, j);
  }
}

/// first[e] = the places of the experts in front of e.
void count_places(const ExpertChoice& choice) {
  const std::int64_t experts = experts_of(choice.first);
  for (std::int64_t e = 0; e <= experts; ++e) int32(choice.first, 0, e) = 0;
  for_each_choice(choice.experts, [&](std::int64_t row, std::int64_t j) {
    ++int32(choice.first, 0, int32(choice.experts, row, j) + 1);
  });
  for (std::int64_t e = 0; e < experts; ++e) int32(choice.first, 0, e + 1) += int32(choice.first, 0, e);
}

void write_equal_runs(const ExpertChoice& choice, std::int64_t capacity) {
  for (std::int64_t e = 0; e < choice.first.width; ++e) {
    int32(choice.first, 0, e) = static_cast<std::int32_t>(e * capacity);
  }
}

/// first[e] counts the places of expert e that are taken, and ends behind the last one.
void take_places(const ExpertChoice& choice, std::int64_t capacity) {
  for_each_choice(choice.experts, [&](std::int64_t row, std::int64_t j) {
    const std::int64_t expert = int32(choice.experts, row, j);
    std::int32_t& next = int32(choice.first, 0, expert);
    const bool is_full = capacity > 0 && next == (expert + 1) * capacity;
    int32(choice.places, row, j) = is_full ? -1 : next++;
  });
}

}  // namespace

void HostBackend::choose_experts(const ExpertChoice& choice, ConstView logits, ConstView correction,
                                 std::int64_t capacity) {
  check_choose(choice, logits, correction, capacity);
  for_each_row(logits, [&](std::int64_t row) { ScoredRow{choice, logits, correction, row}.choose(); });
  if (capacity > 0) {
    write_equal_runs(choice, capacity);
    take_places(choice, capacity);
    write_equal_runs(choice, capacity);
    return;
  }
  count_places(choice);
  take_places(choice, capacity);
  for (std::int64_t e = logits.width; e > 0; --e) int32(choice.first, 0, e) = int32(choice.first, 0, e - 1);
  int32(choice.first, 0, 0) = 0;
}

void HostBackend::expert_logits_gradient(View d_logits, ConstView d_chosen, ConstView experts) {
  check_logits_gradient(d_logits, d_chosen, experts);
  zero(d_logits);
  for_each_row(d_logits, [&](std::int64_t row) {
    for (std::int64_t j = 0; j < experts.width; ++j) {
      fp32(d_logits, row_begin(d_logits, row) + int32(experts, row, j)) = fp32(d_chosen, row_begin(d_chosen, row) + j);
    }
  });
}

}  // namespace headroom::kernels::host
