#include <limits>

#include "loops.h"
#include "loss_rules.h"

namespace headroom::kernels::host {

namespace {

/// A fixed number, so that the order in which losses are summed does not depend on the number of threads.
constexpr std::int64_t kLossParts = 64;

/// Of one row: apart from each other they stay exact where the logarithm of the sum would be lost beside the maximum.
struct Softmax {
  float max = -std::numeric_limits<float>::infinity();
  double sum = 0;  ///< of exp(logit - max)
};

Softmax softmax_of(const ConstView& logits, std::int64_t row) {
  Segment buffer;
  Softmax s;
  for_each_step(0, logits.width, kSegment, [&](std::int64_t column, std::int64_t n) {
    s.max = std::max(s.max, read_row(logits, row, column, n, buffer).maxCoeff());
  });
  for_each_step(0, logits.width, kSegment, [&](std::int64_t column, std::int64_t n) {
    s.sum += static_cast<double>((read_row(logits, row, column, n, buffer) - s.max).exp().sum());
  });
  return s;
}

double loss_of(const ConstView& logits, std::int64_t row, std::int64_t target, const Softmax& s) {
  Segment buffer;
  return std::log(s.sum) - static_cast<double>(read_row(logits, row, target, 1, buffer)[0] - s.max);
}

/// The row becomes (softmax - onehot) * scale.
void write_gradient(const View& logits, std::int64_t row, std::int64_t target, const Softmax& s, float scale) {
  Segment buffer, values;
  const auto factor = static_cast<float>(static_cast<double>(scale) / s.sum);
  for_each_step(0, logits.width, kSegment, [&](std::int64_t column, std::int64_t n) {
    Floats gradient(values.data(), n);
    gradient = (read_row(logits, row, column, n, buffer) - s.max).exp() * factor;
    if (target >= column && target < column + n) gradient[target - column] -= scale;
    write_row(logits, row, column, {values.data(), n});
  });
}

std::int64_t target_of(const ConstView& targets, std::int64_t row, std::int64_t vocab) {
  const std::int64_t target = static_cast<const std::int32_t*>(targets.data)[row_begin(targets, row)];
  require(target >= 0 && target < vocab, "cross_entropy", kTargetRule);
  return target;
}

}  // namespace

void HostBackend::cross_entropy(View loss, Write write, View logits, ConstView targets, std::int64_t all_tokens,
                                bool gradient) {
  check_cross_entropy(loss, logits, targets);
  const std::int64_t rows = logits.batch * logits.rows;
  std::array<double, kLossParts> losses{};
  pool_.run(kLossParts, [&](std::int64_t part, int) {
    for (std::int64_t row = rows * part / kLossParts; row < rows * (part + 1) / kLossParts; ++row) {
      const std::int64_t target = target_of(targets, row, logits.width);
      const Softmax softmax = softmax_of(logits, row);
      losses[static_cast<std::size_t>(part)] += loss_of(logits, row, target, softmax);
      if (gradient) write_gradient(logits, row, target, softmax, 1 / static_cast<float>(all_tokens));
    }
  });
  if (!loss) return;
  double sum = 0;
  for (const double part : losses) sum += part;
  fp32(loss, 0) = (write == Write::add ? fp32(loss, 0) : 0) + static_cast<float>(sum / static_cast<double>(all_tokens));
}

}  // namespace headroom::kernels::host
