#include "expert_rules.h"
#include "loops.h"

namespace headroom::kernels::host {

namespace {

/// Columns of a row times a factor, in place.
void scale(const View& x, std::int64_t row, std::int64_t column, std::int64_t n, float factor) {
  Segment buffer, values;
  Floats(values.data(), n) = factor * read_row(x, row, column, n, buffer);
  write_row(x, row, column, {values.data(), n});
}

float value_of(const ConstView& gate, std::int64_t row) { return fp32(gate, row_begin(gate, row)); }

}  // namespace

void HostBackend::sigmoid(View x) {
  require_floating("sigmoid", x);
  for_each_segment(x, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment buffer, values;
    Floats(values.data(), n) = (1 + (-read_row(x, row, column, n, buffer)).exp()).inverse();
    write_row(x, row, column, {values.data(), n});
  });
}

void HostBackend::gate_rows(View x, ConstView gate) {
  check_gate(gate, x, "gate_rows");
  for_each_segment(
      x, [&](std::int64_t row, std::int64_t column, std::int64_t n) { scale(x, row, column, n, value_of(gate, row)); });
}

void HostBackend::gate_rows_backward(View d_logit, View d_x, ConstView x, ConstView gate) {
  check_gate_backward(d_logit, d_x, x, gate);
  for_each_row(x, [&](std::int64_t row) {
    Segment a, b;
    double product = 0;
    const float value = value_of(gate, row);
    for_each_step(0, x.width, kSegment, [&](std::int64_t column, std::int64_t n) {
      product += static_cast<double>((read_row(d_x, row, column, n, a) * read_row(x, row, column, n, b)).sum());
      scale(d_x, row, column, n, value);
    });
    fp32(d_logit, row_begin(d_logit, row)) = static_cast<float>(product) * (1 - value);
  });
}

}  // namespace headroom::kernels::host
