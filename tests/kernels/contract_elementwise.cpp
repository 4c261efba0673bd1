#include <catch.h>

#include <cmath>
#include <limits>

#include "compare.h"

namespace headroom::test {

namespace {

using kernels::ActivationKind;
using kernels::Rotary;

constexpr ActivationKind kActivations[] = {ActivationKind::gelu, ActivationKind::relu, ActivationKind::swiglu,
                                           ActivationKind::geglu};

double curve(ActivationKind kind, double x) {
  switch (kind) {
    case ActivationKind::gelu:
    case ActivationKind::geglu:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
    case ActivationKind::relu: return std::max(x, 0.0);
    case ActivationKind::swiglu: return x / (1 + std::exp(-x));
  }
  return 0;
}

Values activate(ActivationKind kind, const Values& gate, const Values& up) {
  Values out;
  for (std::size_t i = 0; i < up.size(); ++i) {
    out.push_back(is_gated(kind) ? curve(kind, gate[i]) * up[i] : curve(kind, up[i]));
  }
  return out;
}

/// An activation's operands; the gate is empty where there is none.
struct Case {
  Operand gate;
  Operand up;
  ActivationKind kind;

  Case(ActivationKind k, Type type, Shape shape, Place place)
      : gate(random_operand(type, shape, 1, place, 6)), up(random_operand(type, shape, 2, place, 6)), kind(k) {}

  [[nodiscard]] View gate_view() const { return is_gated(kind) ? gate.view() : View{}; }
  [[nodiscard]] Values expected() const { return activate(kind, gate.values(), up.values()); }
};

/// Pairs (i, i + d/2) of the rotated part of each head turned by the angle of the row.
Values rotate(const Values& x, const Shape& shape, const Rotary& rotary, std::int64_t first, double direction) {
  Values out = x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto column = static_cast<std::int64_t>(i) % shape.width % rotary.head_dim - rotary.first;
    const auto row = static_cast<std::int64_t>(i) / shape.width % shape.rows + first;
    if (column < 0 || column >= rotary.dim / 2) continue;
    const double angle = direction * static_cast<double>(row) *
                         std::pow(10000.0, -2.0 * static_cast<double>(column) / static_cast<double>(rotary.dim));
    const std::size_t j = i + static_cast<std::size_t>(rotary.dim / 2);
    out[i] = x[i] * std::cos(angle) - x[j] * std::sin(angle);
    out[j] = x[i] * std::sin(angle) + x[j] * std::cos(angle);
  }
  return out;
}

void check_rotation(const Rotary& rotary, Type type) {
  CAPTURE(rotary.head_dim, rotary.first, rotary.dim, static_cast<int>(type));
  const Shape shape{2, 19, rotary.heads * rotary.head_dim};
  const Operand x = random_operand(type, shape, 1, Place::chunk);
  const Values before = x.values();
  backend().rope(x, rotary, {40, 100});
  CHECK(error_of(x, rotate(before, shape, rotary, 40, 1)) <= tolerance(type));
  backend().rope_backward(x, rotary, {40, 100});
  CHECK(error_of(x, before) <= 2 * tolerance(type));
  CHECK(x.surroundings_untouched());
}

}  // namespace

TEST_CASE("A tensor is added to a chunk in place, whatever the types") {
  for (const Type x_type : kFloating) {
    for (const Type y_type : kFloating) {
      const Operand x = random_operand(x_type, {2, 7, 1500}, 1, Place::chunk);
      const Operand y = random_operand(y_type, {2, 7, 1500}, 2);
      const Values expected = plus(x.values(), y.values());
      backend().add(x, y);
      CHECK(error_of(x, expected) <= tolerance(x_type));
      CHECK(x.surroundings_untouched());
    }
  }
}

TEST_CASE("Rows of any width, wherever they begin, are converted and added, and nothing beside them") {
  for (const std::int64_t width : {1, 3, 7, 8, 9, 16, 64, 129, 2048, 2051}) {
    for (const Place place : kPlaces) {
      for (const Type type : kFloating) {
        CAPTURE(width, static_cast<int>(place), static_cast<int>(type));
        const Operand x = random_operand(type, {3, 2, width}, 1, place);
        const Operand out(device(), Type::bf16, {3, 2, width}, place), wide(device(), Type::fp32, {3, 2, width}, place);
        backend().convert(out, x);
        backend().convert(wide, out);
        backend().add(wide, x);
        CHECK(error_of(wide, plus(out.values(), x.values())) <= 1e-6);
        CHECK(error_of(out, x.values()) <= tolerance(Type::bf16));
        CHECK(out.surroundings_untouched());
        CHECK(wide.surroundings_untouched());
      }
    }
  }
}

TEST_CASE("Integers are refused where a floating point operand belongs") {
  const Operand x = random_operand(Type::fp32, {1, 2, 3}, 1);
  const Operand ids(device(), Type::int32, {1, 2, 3}), mask(device(), Type::uint8, {1, 2, 3});
  CHECK_THROWS_WITH(backend().add(x, ids), contains("fp32 or bf16"));
  CHECK_THROWS_WITH(backend().convert(mask, x), contains("fp32 or bf16"));
}

TEST_CASE("Zeroing a chunk of any type leaves its surroundings") {
  for (const Type type : {Type::fp32, Type::bf16, Type::int32, Type::uint8}) {
    const Operand x(device(), type, {3, 5, 1100}, Place::chunk);
    backend().zero(x);
    CHECK(error_of(x, Values(x.shape().size(), 0)) == 0);
    CHECK(x.surroundings_untouched());
  }
}

TEST_CASE("Conversion to bf16 rounds to nearest even and keeps what is no number") {
  const double ulp = 1.0 / 128;
  const double infinity = std::numeric_limits<double>::infinity();
  const Values values{1 + ulp / 2, 1 + 1.5 * ulp, 1 + 0.51 * ulp, -(1 + 1.5 * ulp), 0, 3.5, infinity, -infinity};
  const Values rounded{1, 1 + 2 * ulp, 1 + ulp, -(1 + 2 * ulp), 0, 3.5, infinity, -infinity};
  Operand wide(device(), Type::fp32, {1, 1, 8});
  wide.set(values);
  const Operand narrow(device(), Type::bf16, {1, 1, 8});
  backend().convert(narrow, wide);
  CHECK(narrow.values() == rounded);
  wide.fill(std::numeric_limits<double>::quiet_NaN());
  backend().convert(narrow, wide);
  for (const double value : narrow.values()) CHECK(std::isnan(value));
}

TEST_CASE("Conversion to fp32 is exact") {
  const Operand narrow = random_operand(Type::bf16, {2, 9, 33}, 1, Place::chunk);
  const Operand wide(device(), Type::fp32, {2, 9, 33}, Place::chunk);
  backend().convert(wide, narrow);
  CHECK(wide.values() == narrow.values());
}

TEST_CASE("Activations write a new tensor, or over gate or up") {
  for (const ActivationKind kind : kActivations) {
    for (const Type type : kFloating) {
      CAPTURE(static_cast<int>(kind), static_cast<int>(type));
      const Case c(kind, type, {2, 3, 1100}, Place::chunk);
      const Values expected = c.expected();
      const Operand out(device(), type, {2, 3, 1100});
      backend().activation(kind, out, c.gate_view(), c.up);
      CHECK(error_of(out, expected) <= tolerance(type));
      const View in_place = is_gated(kind) ? c.gate : c.up;
      backend().activation(kind, in_place, c.gate_view(), c.up);
      CHECK(error_of(is_gated(kind) ? c.gate : c.up, expected) <= tolerance(type));
      CHECK(c.gate.surroundings_untouched());
      CHECK(c.up.surroundings_untouched());
    }
  }
}

TEST_CASE("Gradients of activations are those of central differences, in place") {
  for (const ActivationKind kind : kActivations) {
    for (const Type type : kFloating) {
      CAPTURE(static_cast<int>(kind), static_cast<int>(type));
      const Case c(kind, type, {2, 3, 5}, Place::chunk);
      const Operand d_out = random_operand(type, {2, 3, 5}, 4, Place::chunk);
      const Values gate = c.gate.values(), up = c.up.values(), incoming = d_out.values();
      const Values d_up = differences(up, incoming, [&](const Values& at) { return activate(kind, gate, at); });
      const Values d_gate = differences(gate, incoming, [&](const Values& at) { return activate(kind, at, up); });
      backend().activation_backward(kind, d_out, c.gate_view(), c.up);
      CHECK(error_of(is_gated(kind) ? c.up : d_out, d_up) <= tolerance(type));
      CHECK((is_gated(kind) ? d_out : c.up).values() == (is_gated(kind) ? incoming : up));
      if (is_gated(kind)) CHECK(error_of(c.gate, d_gate) <= tolerance(type));
    }
  }
}

TEST_CASE("Activations of huge arguments stay finite") {
  for (const ActivationKind kind : kActivations) {
    Case c(kind, Type::fp32, {1, 1, 4}, Place::whole);
    c.gate.set({1e4, -1e4, 1e10, -1e10});
    c.up.set(is_gated(kind) ? Values(4, 1) : c.gate.values());
    const Operand out(device(), Type::fp32, {1, 1, 4});
    backend().activation(kind, out, c.gate_view(), c.up);
    CHECK(error_of(out, {1e4, 0, 1e10, 0}) <= 1e-5);
  }
}

TEST_CASE("A gate is refused where the activation has none, and asked for where it has one") {
  const Operand x = random_operand(Type::fp32, {1, 2, 4}, 1);
  CHECK_THROWS_WITH(backend().activation(ActivationKind::gelu, x, x, x), contains("activation"));
  CHECK_THROWS_WITH(backend().activation(ActivationKind::swiglu, x, {}, x), contains("gate"));
}

TEST_CASE("Rotary embedding turns every pair by the angle of its row in the sequence, and back") {
  for (const std::int64_t head_dim : {1, 2, 5, 64}) {
    for (const Type type : kFloating) check_rotation(kernels::whole_heads(3, head_dim), type);
  }
}

TEST_CASE("Rotary embedding turns the part of each head that it is given, wherever that begins, and nothing else") {
  const Rotary parts[] = {{3, 8, 0, 4}, {3, 8, 4, 4}, {3, 7, 5, 2},      {2, 64, 0, 16},   {2, 64, 32, 32},
                          {1, 9, 2, 5}, {2, 6, 3, 0}, {2, 192, 128, 64}, {2, 100, 36, 64}, {1, 24, 8, 16}};
  for (const Rotary& rotary : parts) {
    for (const Type type : kFloating) check_rotation(rotary, type);
  }
}

TEST_CASE("A rotated part that no head has is refused") {
  const Operand x = random_operand(Type::fp32, {1, 2, 16}, 1);
  CHECK_THROWS_WITH(backend().rope(x, {3, 8, 0, 8}, {}), contains("not as wide as the heads"));
  const Rotary beyond = GENERATE(Rotary{2, 8, 0, 10}, Rotary{2, 8, 5, 4}, Rotary{2, 8, -1, 4}, Rotary{2, 8, 0, -2});
  CHECK_THROWS_WITH(backend().rope(x, beyond, {}), contains("no part of a head"));
  CHECK_THROWS_WITH(backend().rope_backward(x, beyond, {}), contains("no part of a head"));
}

TEST_CASE("Rotary embedding stays exact a million tokens into a sequence") {
  const Shape shape{1, 2, 8};
  const Operand x = random_operand(Type::fp32, shape, 1);
  const Values before = x.values();
  backend().rope(x, kernels::whole_heads(1, 8), {1 << 20, 0});
  CHECK(error_of(x, rotate(before, shape, kernels::whole_heads(1, 8), 1 << 20, 1)) <= 1e-5);
}

}  // namespace headroom::test
