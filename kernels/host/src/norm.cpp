#include "norm_rules.h"
#include "strips.h"

namespace headroom::kernels::host {

namespace {

/// Of one row; RMSNorm has mean 0.
struct RowStatistics {
  float mean = 0;
  float inverse = 1;
};

template <class Term>
double mean_over(std::int64_t width, const Term& term) {
  double sum = 0;
  for_each_step(0, width, kSegment,
                [&](std::int64_t column, std::int64_t n) { sum += static_cast<double>(term(column, n)); });
  return sum / static_cast<double>(width);
}

RowStatistics statistics_of(NormKind kind, const ConstView& x, std::int64_t row) {
  Segment buffer;
  RowStatistics s;
  if (kind == NormKind::layernorm) {
    s.mean = static_cast<float>(mean_over(
        x.width, [&](std::int64_t column, std::int64_t n) { return read_row(x, row, column, n, buffer).sum(); }));
  }
  const double square = mean_over(x.width, [&](std::int64_t column, std::int64_t n) {
    return (read_row(x, row, column, n, buffer) - s.mean).square().sum();
  });
  s.inverse = static_cast<float>(1 / std::sqrt(square + static_cast<double>(kNormEpsilon)));
  return s;
}

RowStatistics load(NormKind kind, const ConstView& statistics, std::int64_t row) {
  const std::int64_t begin = row_begin(statistics, row);
  if (kind == NormKind::rmsnorm) return {0, fp32(statistics, begin)};
  return {fp32(statistics, begin), fp32(statistics, begin + 1)};
}

void store(NormKind kind, const View& statistics, std::int64_t row, const RowStatistics& s) {
  const std::int64_t begin = row_begin(statistics, row);
  if (kind == NormKind::layernorm) fp32(statistics, begin) = s.mean;
  fp32(statistics, begin + statistics_width(kind) - 1) = s.inverse;
}

/// What the gradient of x subtracts: the means of g and of g * normalized, g = d_out * gain.
struct RowMeans {
  float g = 0;
  float projection = 0;
};

struct NormRow {
  NormKind kind = NormKind::layernorm;
  ConstView d_out;
  ConstView x;
  ConstView gain;
  std::int64_t row = 0;
  RowStatistics statistics;

  [[nodiscard]] RowMeans means() const {
    Segment a, b, c;
    RowMeans result;
    const auto g = [&](std::int64_t column, std::int64_t n) {
      return read_row(d_out, row, column, n, a) * read_row(gain, 0, column, n, b);
    };
    result.projection = static_cast<float>(mean_over(x.width, [&](std::int64_t column, std::int64_t n) {
      return (g(column, n) * (read_row(x, row, column, n, c) - statistics.mean)).sum() * statistics.inverse;
    }));
    if (kind == NormKind::rmsnorm) return result;
    result.g =
        static_cast<float>(mean_over(x.width, [&](std::int64_t column, std::int64_t n) { return g(column, n).sum(); }));
    return result;
  }

  void write_gradient(const View& dx, Write how, const RowMeans& means) const {
    Segment a, b, c, values;
    for_each_step(0, x.width, kSegment, [&](std::int64_t column, std::int64_t n) {
      const auto g = read_row(d_out, row, column, n, a) * read_row(gain, 0, column, n, b);
      const auto normalized = (read_row(x, row, column, n, c) - statistics.mean) * statistics.inverse;
      Floats(values.data(), n) = (g - means.g - normalized * means.projection) * statistics.inverse;
      write_row(dx, row, column, {values.data(), n}, how);
    });
  }
};

/// Sums of d_out * normalized and of d_out over all rows, for some columns.
struct GainSums {
  StripSums gain{};
  StripSums bias{};

  void add(const ConstFloats& d_out, const ConstFloats& x, const RowStatistics& s) {
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      gain[at] += static_cast<double>(d_out[i] * ((x[i] - s.mean) * s.inverse));
      bias[at] += static_cast<double>(d_out[i]);
    }
  }
};

}  // namespace

void HostBackend::norm(NormKind kind, View out, View statistics, ConstView x, ConstView gain, ConstView bias) {
  check_norm(kind, out, statistics, x, gain, bias);
  for_each_row(x, [&](std::int64_t row) {
    const RowStatistics s = statistics_of(kind, x, row);
    if (statistics) store(kind, statistics, row, s);
    if (!out) return;
    Segment a, b, values;
    for_each_step(0, x.width, kSegment, [&](std::int64_t column, std::int64_t n) {
      Floats result(values.data(), n);
      result = (read_row(x, row, column, n, a) - s.mean) * s.inverse * read_row(gain, 0, column, n, b);
      if (bias) result += read_row(bias, 0, column, n, b);
      write_row(out, row, column, {values.data(), n});
    });
  });
}

void HostBackend::norm_backward(NormKind kind, View dx, Write write_dx, View d_gain, View d_bias, Write write_weights,
                                ConstView d_out, ConstView x, ConstView statistics, ConstView gain) {
  check_norm_backward(kind, dx, d_gain, d_bias, d_out, x, statistics, gain);
  for_each_strip(pool_, x.width, [&](std::int64_t column, std::int64_t n) {
    GainSums sums;
    Segment a, b;
    for (std::int64_t row = 0; row < x.batch * x.rows; ++row) {
      sums.add(read_row(d_out, row, column, n, a), read_row(x, row, column, n, b), load(kind, statistics, row));
    }
    write_sums(d_gain, column, n, sums.gain, write_weights);
    if (d_bias) write_sums(d_bias, column, n, sums.bias, write_weights);
  });
  for_each_row(x, [&](std::int64_t row) {
    const NormRow values{kind, d_out, x, gain, row, load(kind, statistics, row)};
    values.write_gradient(dx, write_dx, values.means());
  });
}

}  // namespace headroom::kernels::host
