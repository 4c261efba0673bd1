#include "adafactor_rules.h"
#include "loops.h"
#include "optimizer_segment.h"
#include "strips.h"

namespace headroom::kernels::host {

namespace {

/// Sums of squares over some elements.
struct Squares {
  double update = 0;
  double parameter = 0;

  Squares& operator+=(const Squares& other) {
    update += other.update;
    parameter += other.parameter;
    return *this;
  }
};

double square_sum(const ConstFloats& values) { return static_cast<double>(values.square().sum()); }

/// One step of one parameter.
struct AdafactorStep {
  View parameter;
  View master;
  AdafactorStates states;
  ConstView gradient;
  Adafactor settings;
  AdafactorRates rates;

  /// What a second moment becomes, or an average of it, whose squared gradient (or the average of these) is given.
  [[nodiscard]] float moved(float moment, double square) const {
    return rates.keep * moment + rates.take * (static_cast<float>(square) + settings.epsilon1);
  }

  void update_row_average(std::int64_t row) const {
    double sum = 0;
    Segment buffer;
    for_each_step(0, gradient.width, kSegment, [&](std::int64_t column, std::int64_t n) {
      sum += square_sum(read_row(gradient, row, column, n, buffer));
    });
    float& average = fp32(states.row_averages, row);
    average = moved(average, sum / static_cast<double>(gradient.width));
  }

  void update_column_averages(std::int64_t column, std::int64_t n) const {
    StripSums sums{};
    Segment buffer;
    for (std::int64_t row = 0; row < gradient.rows; ++row) {
      const ConstFloats g = read_row(gradient, row, column, n, buffer);
      for (std::int64_t i = 0; i < n; ++i) sums[static_cast<std::size_t>(i)] += static_cast<double>(g[i] * g[i]);
    }
    for (std::int64_t i = 0; i < n; ++i) {
      float& average = fp32(states.column_averages, column + i);
      average = moved(average, sums[static_cast<std::size_t>(i)] / static_cast<double>(gradient.rows));
    }
  }

  void update_second_moment(std::int64_t row, std::int64_t column, std::int64_t n) const {
    Segment a, b;
    Floats moment = copy_row(states.second_moment, row, column, n, a);
    const ConstFloats g = read_row(gradient, row, column, n, b);
    moment = rates.keep * moment + rates.take * (g.square() + settings.epsilon1);
    write_row(states.second_moment, row, column, constant(moment));
  }

  [[nodiscard]] float mean_of_rows() const {
    double sum = 0;
    for (std::int64_t row = 0; row < parameter.rows; ++row) sum += static_cast<double>(fp32(states.row_averages, row));
    return static_cast<float>(sum / static_cast<double>(parameter.rows));
  }

  /// gradient / sqrt(second moment) of a segment, not yet clipped.
  [[nodiscard]] Floats update(std::int64_t row, std::int64_t column, std::int64_t n, float row_mean,
                              Segment& buffer) const {
    Segment moments;
    Floats values = copy_row(gradient, row, column, n, buffer);
    if (states.second_moment) {
      values /= read_row(states.second_moment, row, column, n, moments).sqrt();
    } else {
      // Two roots: the product of the averages may be less than any float.
      const float root = std::sqrt(fp32(states.row_averages, row) / row_mean);
      values /= read_row(states.column_averages, 0, column, n, moments).sqrt() * root;
    }
    return values;
  }

  [[nodiscard]] Squares squares(std::int64_t row, std::int64_t column, std::int64_t n, float row_mean) const {
    Segment a, b;
    return {square_sum(constant(update(row, column, n, row_mean, a))),
            square_sum(read_row(master ? master : parameter, row, column, n, b))};
  }

  /// What an unclipped update is multiplied with: alpha / max(1, RMS(U) / d).
  [[nodiscard]] float step_size(const Squares& sums) const {
    const auto root_mean = [&](double sum) { return std::sqrt(sum / static_cast<double>(parameter.elements())); };
    const double alpha =
        std::max(static_cast<double>(settings.epsilon2), root_mean(sums.parameter)) * static_cast<double>(rates.rho);
    return static_cast<float>(alpha / std::max(1.0, root_mean(sums.update) / static_cast<double>(settings.clip)));
  }

  void take(std::int64_t row, std::int64_t column, std::int64_t n, float row_mean, float size) const {
    Segment a, b, c;
    Floats step = update(row, column, n, row_mean, a);
    step *= size;
    if (states.momentum) {
      step = settings.momentum * read_row(states.momentum, row, column, n, b) + (1 - settings.momentum) * step;
      write_row(states.momentum, row, column, constant(step));
    }
    Floats values = copy_row(master ? master : parameter, row, column, n, c);
    values -= step;
    write_parameter(parameter, master, row, column, constant(values));
  }
};

}  // namespace

void HostBackend::adafactor(View parameter, View master, const AdafactorStates& states, ConstView gradient,
                            const Adafactor& settings) {
  check_adafactor(parameter, master, states, gradient, settings);
  const AdafactorStep step{parameter, master, states, gradient, settings, adafactor_rates(settings)};
  float row_mean = 1;
  if (states.second_moment) {
    for_each_segment(parameter, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
      step.update_second_moment(row, column, n);
    });
  } else {
    for_each_row(parameter, [&](std::int64_t row) { step.update_row_average(row); });
    for_each_strip(pool_, parameter.width,
                   [&](std::int64_t column, std::int64_t n) { step.update_column_averages(column, n); });
    row_mean = step.mean_of_rows();
  }
  const float size =
      step.step_size(sum_over_segments<Squares>(parameter, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
        return step.squares(row, column, n, row_mean);
      }));
  for_each_segment(parameter, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    step.take(row, column, n, row_mean, size);
  });
}

}  // namespace headroom::kernels::host
