#include "elementwise_rules.h"
#include "loops.h"

namespace headroom::kernels::host {

namespace {

using Mask = std::array<std::uint8_t, kSegment>;

/// 1 where elements [index, index + n) of the whole tensor are kept.
void draw(const Dropout& dropout, std::int64_t index, std::int64_t n, std::uint8_t* kept) {
  for (std::int64_t i = 0; i < n; ++i) kept[i] = keeps(dropout, index + i) ? 1 : 0;
}

/// Writes x where kept, scaled.
void write_kept(const View& out, const ConstView& x, std::int64_t row, std::int64_t column, std::int64_t n,
                const std::uint8_t* kept, float scale) {
  Segment a, values;
  const ConstFloats in = read_row(x, row, column, n, a);
  Floats(values.data(), n) =
      (Eigen::Map<const Eigen::Array<std::uint8_t, Eigen::Dynamic, 1>>(kept, n) != 0).select(in * scale, 0.0F);
  write_row(out, row, column, {values.data(), n});
}

}  // namespace

void HostBackend::dropout(View out, View mask, ConstView x, const Dropout& dropout, Position position) {
  check_dropout(out, mask, x);
  const ConstView all = x ? x : ConstView(mask);
  const std::int64_t whole = position.whole == 0 ? all.rows : position.whole;
  for_each_segment(all, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Mask buffer;
    std::uint8_t* kept = mask ? static_cast<std::uint8_t*>(mask.data) + row_begin(mask, row) + column : buffer.data();
    draw(dropout, (row / all.rows * whole + position.first + row % all.rows) * all.width + column, n, kept);
    if (out) write_kept(out, x, row, column, n, kept, dropout.scale());
  });
}

void HostBackend::dropout_backward(View dx, ConstView dy, ConstView mask, const Dropout& dropout) {
  check_dropout_backward(dx, dy, mask);
  for_each_segment(dy, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    const std::uint8_t* kept = static_cast<const std::uint8_t*>(mask.data) + row_begin(mask, row) + column;
    write_kept(dx, dy, row, column, n, kept, dropout.scale());
  });
}

}  // namespace headroom::kernels::host
