#include <limits>

#include "check.h"
#include "loops.h"

namespace headroom::kernels::host {

namespace {

/// A fixed number, so that the order in which losses are summed does not depend on the number of threads.
constexpr std::int64_t kLossParts = 64;

double log_sum_exp(const ConstView& logits, std::int64_t row) {
  Segment buffer;
  float max = -std::numeric_limits<float>::infinity();
  for_each_step(0, logits.width, kSegment, [&](std::int64_t column, std::int64_t n) {
    max = std::max(max, read_row(logits, row, column, n, buffer).maxCoeff());
  });
  double sum = 0;
  for_each_step(0, logits.width, kSegment, [&](std::int64_t column, std::int64_t n) {
    sum += static_cast<double>((read_row(logits, row, column, n, buffer) - max).exp().sum());
  });
  return static_cast<double>(max) + std::log(sum);
}

/// The row becomes (softmax - onehot) * scale.
void write_gradient(const View& logits, std::int64_t row, std::int64_t target, double lse, float scale) {
  Segment buffer, values;
  const auto shift = static_cast<float>(lse);
  for_each_step(0, logits.width, kSegment, [&](std::int64_t column, std::int64_t n) {
    Floats gradient(values.data(), n);
    gradient = (read_row(logits, row, column, n, buffer) - shift).exp() * scale;
    if (target >= column && target < column + n) gradient[target - column] -= scale;
    write_row(logits, row, column, {values.data(), n});
  });
}

std::int64_t target_of(const ConstView& targets, std::int64_t row, std::int64_t vocab) {
  const std::int64_t target = static_cast<const std::int32_t*>(targets.data)[row_begin(targets, row)];
  require(target >= 0 && target < vocab, "cross_entropy", "a target lies outside the vocabulary");
  return target;
}

void check_operands(const ConstView& loss, const ConstView& logits, const ConstView& targets) {
  require_fp32(loss, "cross_entropy", "the loss is not fp32");
  require(targets.type == Type::int32, "cross_entropy", "targets are not int32");
  require_shape(targets, logits.batch, logits.rows, 1, "cross_entropy", "targets and logits differ in number");
}

}  // namespace

void HostBackend::cross_entropy(View loss, Write write, View logits, ConstView targets, std::int64_t all_tokens,
                                bool gradient) {
  check_operands(loss, logits, targets);
  const std::int64_t rows = logits.batch * logits.rows;
  std::array<double, kLossParts> losses{};
  pool_.run(kLossParts, [&](std::int64_t part, int) {
    Segment buffer;
    for (std::int64_t row = rows * part / kLossParts; row < rows * (part + 1) / kLossParts; ++row) {
      const std::int64_t target = target_of(targets, row, logits.width);
      const double lse = log_sum_exp(logits, row);
      losses[static_cast<std::size_t>(part)] += lse - static_cast<double>(read_row(logits, row, target, 1, buffer)[0]);
      if (gradient) write_gradient(logits, row, target, lse, 1 / static_cast<float>(all_tokens));
    }
  });
  if (!loss) return;
  double sum = 0;
  for (const double part : losses) sum += part;
  fp32(loss, 0) = (write == Write::add ? fp32(loss, 0) : 0) + static_cast<float>(sum / static_cast<double>(all_tokens));
}

}  // namespace headroom::kernels::host
