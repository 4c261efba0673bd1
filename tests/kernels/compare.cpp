#include "compare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace headroom::test {

namespace {

struct Norms {
  double square = 0;
  double maximum = 0;

  void take(double value) {
    square += value * value;
    maximum = std::isnan(value) ? std::numeric_limits<double>::infinity() : std::max(maximum, std::abs(value));
  }
};

double ratio(double a, double b) {
  if (std::isnan(a)) return std::numeric_limits<double>::infinity();
  if (a == 0) return 0;
  return a / b;
}

}  // namespace

double error_of(const Values& actual, const Values& expected) {
  if (actual.size() != expected.size()) return std::numeric_limits<double>::infinity();
  Norms difference, size;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    difference.take(actual[i] == expected[i] ? 0 : actual[i] - expected[i]);
    size.take(expected[i]);
  }
  return std::max(ratio(std::sqrt(difference.square), std::sqrt(size.square)), ratio(difference.maximum, size.maximum));
}

Values plus(const Values& a, const Values& b) {
  Values sum(a.size());
  std::transform(a.begin(), a.end(), b.begin(), sum.begin(), std::plus<>());
  return sum;
}

Values differences(const Values& x, const Values& d_out, const std::function<Values(const Values&)>& f) {
  constexpr double kStep = 1e-5;
  const auto loss = [&](const Values& at) {
    const Values out = f(at);
    return std::inner_product(out.begin(), out.end(), d_out.begin(), 0.0);
  };
  Values gradient;
  Values moved = x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    moved[i] = x[i] + kStep;
    const double above = loss(moved);
    moved[i] = x[i] - kStep;
    gradient.push_back((above - loss(moved)) / (2 * kStep));
    moved[i] = x[i];
  }
  return gradient;
}

}  // namespace headroom::test
