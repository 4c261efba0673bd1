#include "head_rules.h"
#include "loops.h"
#include "multiply.h"

namespace headroom::kernels::host {

namespace {

/// Where the stretch of a head of a row begins.
template <class Void>
std::int64_t stretch_begin(const BasicView<Void>& v, const HeadStretch& stretch, std::int64_t row, std::int64_t head) {
  return row_begin(v, row) + head * stretch.head_dim + stretch.first;
}

/// body(head, column, n) over pieces of at most kSegment columns of the stretch of every head.
template <class Body>
void for_each_piece(const HeadStretch& stretch, const Body& body) {
  for (std::int64_t head = 0; head < stretch.heads; ++head) {
    for_each_step(0, stretch.dim, kSegment, [&](std::int64_t column, std::int64_t n) { body(head, column, n); });
  }
}

}  // namespace

void HostBackend::copy_heads(View out, const HeadStretch& to, ConstView x, const HeadStretch& from) {
  check_copy_heads(out, to, x, from);
  for_each_row(out, [&](std::int64_t row) {
    for_each_piece(to, [&](std::int64_t head, std::int64_t column, std::int64_t n) {
      Segment buffer;
      const std::int64_t begin = stretch_begin(x, from, row, from.heads == 1 ? 0 : head);
      const float* values = read(x.type, x.data, begin + column, n, buffer.data());
      write(out.type, out.data, stretch_begin(out, to, row, head) + column, n, values, Write::set);
    });
  });
}

void HostBackend::sum_heads(View out, ConstView x, const HeadStretch& from) {
  check_sum_heads(out, x, from);
  for_each_segment(out, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment buffer, sums;
    Floats sum(sums.data(), n);
    sum.setZero();
    for (std::int64_t head = 0; head < from.heads; ++head) {
      const std::int64_t begin = stretch_begin(x, from, row, head) + column;
      sum += ConstFloats(read(x.type, x.data, begin, n, buffer.data()), n);
    }
    write_row(out, row, column, {sums.data(), n});
  });
}

void HostBackend::zero_heads(View x, const HeadStretch& stretch) {
  check_stretch(x, stretch, "zero_heads");
  for_each_row(x, [&](std::int64_t row) {
    static constexpr Segment kZeros{};
    for_each_piece(stretch, [&](std::int64_t head, std::int64_t column, std::int64_t n) {
      write(x.type, x.data, stretch_begin(x, stretch, row, head) + column, n, kZeros.data(), Write::set);
    });
  });
}

void HostBackend::multiply_heads(View out, const HeadStretch& to, ConstView x, const HeadStretch& from,
                                 const ConstView& w, bool transposed) {
  check_head_product(out, to, x, from, w, transposed);
  multiply(
      {out.batch * to.heads, 1, out.rows, to.dim, from.dim, 1, Write::set, {}},
      [&](std::int64_t item) { return out_of(out, item / to.heads, item % to.heads * to.head_dim + to.first); },
      [&](std::int64_t item, std::int64_t) {
        const std::int64_t head = item % to.heads;
        const Matrix of_head = matrix_of(w, 0, 0, head * (transposed ? from.dim : to.dim));
        return Factors{matrix_of(x, item / to.heads, 0, head * from.head_dim + from.first),
                       transposed ? of_head.transposed() : of_head};
      });
}

void HostBackend::head_product(View out, const HeadStretch& to, ConstView x, const HeadStretch& from, ConstView w) {
  multiply_heads(out, to, x, from, w, false);
}

void HostBackend::head_product_transposed(View out, const HeadStretch& to, ConstView x, const HeadStretch& from,
                                          ConstView w) {
  multiply_heads(out, to, x, from, w, true);
}

}  // namespace headroom::kernels::host
