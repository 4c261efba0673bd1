#include <catch.h>

#include <cmath>

#include "compare.h"

namespace headroom::test {

namespace {

using kernels::NormKind;

constexpr NormKind kNorms[] = {NormKind::layernorm, NormKind::rmsnorm};
constexpr std::int64_t kWidths[] = {1, 2, 9, 130, 2064};

/// The normalized rows, times gain, plus bias; `statistics` takes them as the interface lays them out.
Values normalize(NormKind kind, const Values& x, const Values& gain, const Values& bias, Values* statistics = nullptr) {
  const std::size_t width = gain.size();
  Values out;
  for (std::size_t begin = 0; begin < x.size(); begin += width) {
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < width; ++i) mean += x[begin + i] / static_cast<double>(width);
    if (kind == NormKind::rmsnorm) mean = 0;
    for (std::size_t i = 0; i < width; ++i) square += std::pow(x[begin + i] - mean, 2) / static_cast<double>(width);
    const double inverse = 1 / std::sqrt(square + static_cast<double>(kernels::kNormEpsilon));
    for (std::size_t i = 0; i < width; ++i) {
      out.push_back((x[begin + i] - mean) * inverse * gain[i] + (bias.empty() ? 0 : bias[i]));
    }
    if (statistics == nullptr) continue;
    if (kind == NormKind::layernorm) statistics->push_back(mean);
    statistics->push_back(inverse);
  }
  return out;
}

std::int64_t statistics_width(NormKind kind) { return kind == NormKind::layernorm ? 2 : 1; }

/// A norm and what its backward reads.
struct Case {
  NormKind kind;
  Type type;
  Operand x;
  Operand gain;
  Operand bias;
  Operand d_out;
  Operand statistics;

  Case(NormKind norm, Type t, Shape shape, Place place)
      : kind(norm),
        type(t),
        x(random_operand(t, shape, 1, place, 2)),
        gain(random_operand(t, {1, 1, shape.width}, 2)),
        bias(random_operand(t, {1, 1, shape.width}, 3)),
        d_out(random_operand(t, shape, 4, place)),
        statistics(device(), Type::fp32, {shape.batch, shape.rows, statistics_width(norm)}, place) {
    Operand out(device(), t, shape);
    backend().norm(norm, out, statistics, x, gain, bias);
  }

  [[nodiscard]] Values dx() const {
    return differences(x.values(), d_out.values(),
                       [&](const Values& at) { return normalize(kind, at, gain.values(), bias.values()); });
  }
  [[nodiscard]] Values d_gain() const {
    return differences(gain.values(), d_out.values(),
                       [&](const Values& at) { return normalize(kind, x.values(), at, bias.values()); });
  }
  [[nodiscard]] Values d_bias() const {
    return differences(bias.values(), d_out.values(),
                       [&](const Values& at) { return normalize(kind, x.values(), gain.values(), at); });
  }
};

}  // namespace

TEST_CASE("A norm scales each row and writes its statistics where they are given") {
  for (const NormKind kind : kNorms) {
    for (const Type type : kFloating) {
      for (const std::int64_t width : kWidths) {
        CAPTURE(static_cast<int>(kind), static_cast<int>(type), width);
        const Operand x = random_operand(type, {2, 5, width}, 1, Place::chunk, 3);
        const Operand gain = random_operand(type, {1, 1, width}, 2);
        const Operand bias = random_operand(type, {1, 1, width}, 3);
        Operand out(device(), type, {2, 5, width}, Place::chunk);
        Operand statistics(device(), Type::fp32, {2, 5, statistics_width(kind)});
        backend().norm(kind, out, statistics, x, gain, bias);
        Values expected_statistics;
        CHECK(error_of(out, normalize(kind, x.values(), gain.values(), bias.values(), &expected_statistics)) <=
              tolerance(type));
        CHECK(error_of(statistics, expected_statistics) <= 1e-5);
        backend().norm(kind, out, {}, x, gain, {});
        CHECK(error_of(out, normalize(kind, x.values(), gain.values(), {})) <= tolerance(type));
        CHECK(out.surroundings_untouched());
      }
    }
  }
}

TEST_CASE("A norm without an output gives its statistics alone") {
  for (const NormKind kind : kNorms) {
    const Case c(kind, Type::fp32, {2, 3, 9}, Place::chunk);
    const Operand again(device(), Type::fp32, c.statistics.shape());
    backend().norm(kind, {}, again, c.x, c.gain, c.bias);
    CHECK(again.values() == c.statistics.values());
  }
}

TEST_CASE("A norm's gradients are those of central differences, set or added") {
  for (const NormKind kind : kNorms) {
    for (const Type type : kFloating) {
      for (const Write write : kWrites) {
        CAPTURE(static_cast<int>(kind), static_cast<int>(type), static_cast<int>(write));
        const Case c(kind, type, {2, 3, 9}, Place::chunk);
        Operand dx(device(), type, {2, 3, 9}, Place::chunk);
        Operand d_gain(device(), type, {1, 1, 9});
        Operand d_bias(device(), type, {1, 1, 9});
        if (write == Write::add) {
          dx.random(5);
          d_gain.random(6);
          d_bias.random(7);
        }
        const Values x0 = dx.values(), gain0 = d_gain.values(), bias0 = d_bias.values();
        backend().norm_backward(kind, dx, write, d_gain, d_bias, write, c.d_out, c.x, c.statistics, c.gain);
        CHECK(error_of(dx, written(x0, c.dx(), write)) <= tolerance(type));
        CHECK(error_of(d_gain, written(gain0, c.d_gain(), write)) <= tolerance(type));
        CHECK(error_of(d_bias, written(bias0, c.d_bias(), write)) <= tolerance(type));
        CHECK(dx.surroundings_untouched());
      }
    }
  }
}

TEST_CASE("A norm's gradient may overwrite the gradient it comes from") {
  for (const NormKind kind : kNorms) {
    for (const std::int64_t width : {3, 140}) {
      CAPTURE(static_cast<int>(kind), width);
      Case c(kind, Type::fp32, {1, 2, width}, Place::whole);
      const Values dx = c.dx(), d_gain = c.d_gain();
      Operand gain_gradient(device(), Type::fp32, {1, 1, width});
      backend().norm_backward(kind, c.d_out, Write::set, gain_gradient, {}, Write::set, c.d_out, c.x, c.statistics,
                              c.gain);
      CHECK(error_of(c.d_out, dx) <= 1e-5);
      CHECK(error_of(gain_gradient, d_gain) <= 1e-5);
    }
  }
}

}  // namespace headroom::test
