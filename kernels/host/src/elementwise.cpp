#include <cstring>

#include "check.h"
#include "loops.h"

namespace headroom::kernels::host {

void HostBackend::add(View x, ConstView y) {
  require_same_shape(x, y, "add", "x and y differ in shape");
  for_each_segment(x, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment buffer;
    write_row(x, row, column, read_row(y, row, column, n, buffer), Write::add);
  });
}

void HostBackend::convert(View out, ConstView x) {
  require_same_shape(out, x, "convert", "out and x differ in shape");
  for_each_segment(x, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment buffer;
    write_row(out, row, column, read_row(x, row, column, n, buffer));
  });
}

void HostBackend::zero(View x) {
  const std::int64_t size = size_of(x.type);
  for_each_segment(x, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    std::memset(static_cast<std::byte*>(x.data) + (row_begin(x, row) + column) * size, 0,
                static_cast<std::size_t>(n * size));
  });
}

}  // namespace headroom::kernels::host
