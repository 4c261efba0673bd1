#include "expert_case.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace headroom::test {

namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

/// The experts of one row, sorted by what they score.
std::vector<std::int64_t> ranked(const Values& logits, const Values& correction, std::size_t row) {
  const std::size_t count = correction.size();
  std::vector<std::int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  const auto score = [&](std::int64_t e) {
    return static_cast<float>(logits[row * count + size(e)]) + static_cast<float>(correction[size(e)]);
  };
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return score(a) > score(b); });
  return order;
}

void add_weights(ReferenceChoice& choice, const Values& logits, const std::vector<std::int64_t>& chosen,
                 std::size_t row_begin) {
  double sum = 0;
  for (const std::int64_t e : chosen) sum += std::exp(logits[row_begin + size(e)]);
  for (const std::int64_t e : chosen) choice.weights.push_back(std::exp(logits[row_begin + size(e)]) / sum);
}

/// Expert by expert, in the order of the rows.
void deal_out_places(ReferenceChoice& choice, const ExpertSizes& sizes) {
  choice.places.assign(choice.experts.size(), -1);
  choice.first = {0};
  for (std::int64_t e = 0; e < sizes.experts; ++e) {
    std::int64_t next = choice.first.back();
    for (std::size_t i = 0; i < choice.experts.size(); ++i) {
      const bool has_room = sizes.capacity == 0 || next < choice.first.back() + sizes.capacity;
      if (choice.experts[i] == e && has_room) choice.places[i] = next++;
    }
    choice.first.push_back(sizes.capacity == 0 ? next : choice.first.back() + sizes.capacity);
  }
}

}  // namespace

ReferenceChoice reference_choice(const ExpertSizes& sizes, const Values& logits, const Values& correction) {
  ReferenceChoice choice;
  const Values added = correction.empty() ? Values(size(sizes.experts), 0) : correction;
  for (std::size_t row = 0; row < size(sizes.batch * sizes.rows); ++row) {
    std::vector<std::int64_t> chosen = ranked(logits, added, row);
    chosen.resize(size(sizes.per_token));
    choice.experts.insert(choice.experts.end(), chosen.begin(), chosen.end());
    add_weights(choice, logits, chosen, row * size(sizes.experts));
  }
  deal_out_places(choice, sizes);
  return choice;
}

ChosenExperts::ChosenExperts(const ExpertSizes& s, Place place)
    : experts(device(), Type::int32, {s.batch, s.rows, s.per_token}, place),
      places(device(), Type::int32, {s.batch, s.rows, s.per_token}, place),
      weights(device(), Type::fp32, {s.batch, s.rows, s.per_token}, place),
      first(device(), Type::int32, {1, 1, s.experts + 1}) {}

Operand random_logits(const ExpertSizes& sizes, Place place) {
  return random_operand(Type::fp32, {sizes.batch, sizes.rows, sizes.experts}, 1, place, 2);
}

}  // namespace headroom::test
