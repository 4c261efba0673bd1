#include <limits>

#include "loops.h"
#include "loss_rules.h"
#include "vocabulary.h"

namespace headroom::kernels::host {

namespace {

/// A fixed number, so that the order in which losses are summed does not depend on the number of threads.
constexpr std::int64_t kLossParts = 64;

/// Of one row: apart from each other they stay exact where the logarithm of the sum would be lost beside the maximum.
struct RowStatistics {
  float max = 0;
  double sum = 0;          ///< of exp(logit - max)
  float target_logit = 0;  ///< less the maximum
};

/// A row's number in a statistic, to write where it may be.
template <class Void>
decltype(auto) of_row(const BasicView<Void>& statistic, std::int64_t row) {
  return fp32(statistic, row_begin(statistic, row));
}

/// Of the first `columns` of a row; the lowest float of none.
float max_of(const ConstView& logits, std::int64_t row, std::int64_t columns) {
  Segment buffer;
  float max = std::numeric_limits<float>::lowest();
  for_each_step(0, columns, kSegment, [&](std::int64_t column, std::int64_t n) {
    max = std::max(max, read_row(logits, row, column, n, buffer).maxCoeff());
  });
  return max;
}

/// Of exp(logit - max) over the first `columns` of a row.
double sum_of(const ConstView& logits, std::int64_t row, std::int64_t columns, float max) {
  Segment buffer;
  double sum = 0;
  for_each_step(0, columns, kSegment, [&](std::int64_t column, std::int64_t n) {
    sum += static_cast<double>((read_row(logits, row, column, n, buffer) - max).exp().sum());
  });
  return sum;
}

/// 0 where the target is no column.
float target_logit_of(const ConstView& logits, std::int64_t row, std::int64_t target, float max) {
  Segment buffer;
  return target < 0 ? 0 : read_row(logits, row, target, 1, buffer)[0] - max;
}

/// The first `columns` of a row become (softmax - onehot) * scale, the others 0.
void write_gradient(const View& logits, std::int64_t row, std::int64_t columns, std::int64_t target,
                    const RowStatistics& s, float scale) {
  Segment buffer, values;
  const auto factor = static_cast<float>(static_cast<double>(scale) / s.sum);
  for_each_step(0, columns, kSegment, [&](std::int64_t column, std::int64_t n) {
    Floats gradient(values.data(), n);
    gradient = (read_row(logits, row, column, n, buffer) - s.max).exp() * factor;
    if (target >= column && target < column + n) gradient[target - column] -= scale;
    write_row(logits, row, column, {values.data(), n});
  });
  if (columns < logits.width) values.fill(0);
  for_each_step(columns, logits.width, kSegment, [&](std::int64_t column, std::int64_t n) {
    write_row(logits, row, column, {values.data(), n});
  });
}

/// What cross-entropy is asked for.
struct CrossEntropy {
  const char* operation;
  View loss;
  Write write;
  View logits;
  ConstView targets;
  Vocabulary vocabulary;
  std::int64_t all_tokens;
  bool gradient;
};

/// `statistics`, of a row and the column of its target (-1: none), are those of the whole vocabulary.
template <class Statistics>
void run(Pool& pool, const CrossEntropy& c, const Statistics& statistics) {
  const std::int64_t rows = c.logits.batch * c.logits.rows;
  std::array<double, kLossParts> losses{};
  pool.run(kLossParts, [&](std::int64_t part, int) {
    for (std::int64_t row = rows * part / kLossParts; row < rows * (part + 1) / kLossParts; ++row) {
      const std::int64_t target = place_of(c.targets, row, c.vocabulary, c.operation, kTargetRule);
      const RowStatistics s = statistics(row, target);
      losses[static_cast<std::size_t>(part)] += std::log(s.sum) - static_cast<double>(s.target_logit);
      if (c.gradient) {
        write_gradient(c.logits, row, c.vocabulary.part.count, target, s, 1 / static_cast<float>(c.all_tokens));
      }
    }
  });
  if (!c.loss) return;
  double sum = 0;
  for (const double part : losses) sum += part;
  fp32(c.loss, 0) =
      (c.write == Write::add ? fp32(c.loss, 0) : 0) + static_cast<float>(sum / static_cast<double>(c.all_tokens));
}

}  // namespace

void HostBackend::cross_entropy(View loss, Write write, View logits, ConstView targets, std::int64_t all_tokens,
                                bool gradient) {
  check_cross_entropy(loss, logits, targets);
  const Vocabulary vocabulary = whole_vocabulary(logits.width);
  run(pool_, {"cross_entropy", loss, write, logits, targets, vocabulary, all_tokens, gradient},
      [&](std::int64_t row, std::int64_t target) -> RowStatistics {
        const float max = max_of(logits, row, logits.width);
        return {max, sum_of(logits, row, logits.width, max), target_logit_of(logits, row, target, max)};
      });
}

void HostBackend::vocabulary_max(View row_max, ConstView logits, const VocabularyPart& part) {
  check_vocabulary_max(row_max, logits, part);
  for_each_row(logits, [&](std::int64_t row) { of_row(row_max, row) = max_of(logits, row, part.count); });
}

void HostBackend::vocabulary_sums(View row_sum, View target_logit, ConstView logits, ConstView targets,
                                  ConstView row_max, const VocabularyPart& part) {
  check_vocabulary_sums(row_sum, target_logit, logits, targets, row_max, part);
  for_each_row(logits, [&](std::int64_t row) {
    const std::int64_t target = place_of(targets, row, part_of_vocabulary(part), "vocabulary_sums", kTargetRule);
    const float max = of_row(row_max, row);
    of_row(row_sum, row) = static_cast<float>(sum_of(logits, row, part.count, max));
    of_row(target_logit, row) = target_logit_of(logits, row, target, max);
  });
}

void HostBackend::vocabulary_cross_entropy(View loss, Write write, View logits, ConstView targets, ConstView row_max,
                                           ConstView row_sum, ConstView target_logit, const VocabularyPart& part,
                                           std::int64_t all_tokens, bool gradient) {
  check_vocabulary_cross_entropy(loss, logits, targets, row_max, row_sum, target_logit, part);
  run(pool_, {"vocabulary_cross_entropy", loss, write, logits, targets, part_of_vocabulary(part), all_tokens, gradient},
      [&](std::int64_t row, std::int64_t /*target*/) -> RowStatistics {
        return {of_row(row_max, row), of_row(row_sum, row), of_row(target_logit, row)};
      });
}

}  // namespace headroom::kernels::host
