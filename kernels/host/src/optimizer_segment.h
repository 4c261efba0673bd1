#pragma once

#include "storage.h"

// What the steps of all optimizers do with segments of a parameter.
namespace headroom::kernels::host {

/// A widened copy of columns [column, column + n) of a row.
[[nodiscard]] inline Floats copy_row(const ConstView& v, std::int64_t row, std::int64_t column, std::int64_t n,
                                     Segment& buffer) {
  Floats copy(buffer.data(), n);
  Segment widened;
  copy = read_row(v, row, column, n, widened);
  return copy;
}

[[nodiscard]] inline ConstFloats constant(const Floats& values) { return {values.data(), values.size()}; }

/// The parameter, and the master copy where there is one, take the values.
inline void write_parameter(const View& parameter, const View& master, std::int64_t row, std::int64_t column,
                            const ConstFloats& values) {
  write_row(parameter, row, column, values);
  if (master) write_row(master, row, column, values);
}

}  // namespace headroom::kernels::host
