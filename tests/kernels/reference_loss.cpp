#include "reference_loss.h"

#include <cmath>

namespace headroom::test {

namespace {

double sum_of_exponentials(const Values& logits, std::size_t begin, std::size_t vocab) {
  double sum = 0;
  for (std::size_t i = begin; i < begin + vocab; ++i) sum += std::exp(logits[i]);
  return sum;
}

}  // namespace

Values reference_loss(const Values& logits, const Values& targets, std::int64_t all_tokens) {
  const std::size_t vocab = logits.size() / targets.size();
  double loss = 0;
  for (std::size_t r = 0; r < targets.size(); ++r) {
    loss += std::log(sum_of_exponentials(logits, r * vocab, vocab));
    loss -= logits[r * vocab + static_cast<std::size_t>(targets[r])];
  }
  return {loss / static_cast<double>(all_tokens)};
}

Values reference_loss_gradient(const Values& logits, const Values& targets, std::int64_t all_tokens) {
  const std::size_t vocab = logits.size() / targets.size();
  Values gradient;
  for (std::size_t r = 0; r < targets.size(); ++r) {
    const double sum = sum_of_exponentials(logits, r * vocab, vocab);
    for (std::size_t i = 0; i < vocab; ++i) {
      const double onehot = static_cast<double>(i) == targets[r] ? 1 : 0;
      gradient.push_back((std::exp(logits[r * vocab + i]) / sum - onehot) / static_cast<double>(all_tokens));
    }
  }
  return gradient;
}

}  // namespace headroom::test
