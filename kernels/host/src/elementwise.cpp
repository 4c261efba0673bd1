#include <cstring>

#include "elementwise_rules.h"
#include "loops.h"

namespace headroom::kernels::host {

void HostBackend::add(View x, ConstView y) {
  check_add(x, y);
  for_each_segment(x, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment buffer;
    write_row(x, row, column, read_row(y, row, column, n, buffer), Write::add);
  });
}

void HostBackend::convert(View out, ConstView x) {
  check_convert(out, x);
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
