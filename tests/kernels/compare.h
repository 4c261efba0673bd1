#pragma once

#include <functional>

#include "operand.h"

namespace headroom::test {

/// The larger of ||a - b|| / ||b|| in the 2-norm and in the maximum norm; infinite where a NaN appears.
[[nodiscard]] double error_of(const Values& actual, const Values& expected);
[[nodiscard]] inline double error_of(const Operand& actual, const Values& expected) {
  return error_of(actual.values(), expected);
}

/// What an operation may err by whose result is rounded to `type`: bf16 has 8 significant bits.
[[nodiscard]] inline double tolerance(Type type) { return type == Type::bf16 ? 1.0 / 256 : 1e-5; }

/// The sum of both.
[[nodiscard]] Values plus(const Values& a, const Values& b);
/// What a write leaves behind.
[[nodiscard]] inline Values written(const Values& before, const Values& result, Write write) {
  return write == Write::set ? result : plus(before, result);
}

/// The gradient of sum(d_out * f(x)) in x by central differences, in double precision.
[[nodiscard]] Values differences(const Values& x, const Values& d_out, const std::function<Values(const Values&)>& f);

inline constexpr Type kFloating[] = {Type::fp32, Type::bf16};
inline constexpr Write kWrites[] = {Write::set, Write::add};
inline constexpr Place kPlaces[] = {Place::whole, Place::chunk};

}  // namespace headroom::test
