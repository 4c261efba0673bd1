#include "dynamic_code.h"
#include "loops.h"
#include "optimizer_rules.h"
#include "optimizer_segment.h"

namespace headroom::kernels::host {

namespace {

/// The step of one segment; the arrays hold fp32 copies.
void step(const AdamWRates& adamw, Floats parameter, Floats first, Floats second, const ConstFloats& gradient) {
  const AdamW& s = adamw.settings;
  first = s.beta1 * first + (1 - s.beta1) * gradient;
  second = s.beta2 * second + (1 - s.beta2) * gradient.square();
  const auto direction = first * adamw.inverse_first / ((second * adamw.inverse_second).sqrt() + s.epsilon);
  parameter -= s.learning_rate * (direction + s.weight_decay * parameter);
}

/// All elements of a tensor that is one piece as one row.
template <class V>
V as_row(V v) {
  v.width *= v.rows;
  v.rows = 1;
  return v;
}

/// An 8-bit moment as the blocks of segments that begin at a multiple of kMomentBlock.
struct Blocks {
  EightBitMoment moment;
  const DynamicCode& code;

  [[nodiscard]] Floats decode(std::int64_t first, std::int64_t n, Segment& buffer) const {
    const auto* codes = static_cast<const std::uint8_t*>(moment.codes.data) + first;
    for (std::int64_t i = 0; i < n; ++i) {
      buffer[static_cast<std::size_t>(i)] = code.values[codes[i]] * fp32(moment.scales, (first + i) / kMomentBlock);
    }
    return {buffer.data(), n};
  }

  void encode(std::int64_t first, const Floats& values) const {
    for_each_step(0, values.size(), kMomentBlock,
                  [&](std::int64_t begin, std::int64_t n) { encode_block(first + begin, values.segment(begin, n)); });
  }

 private:
  template <class Block>
  void encode_block(std::int64_t first, const Block& values) const {
    auto* codes = static_cast<std::uint8_t*>(moment.codes.data) + first;
    const float largest = values.abs().maxCoeff();
    fp32(moment.scales, first / kMomentBlock) = largest;
    for (std::int64_t i = 0; i < values.size(); ++i) {
      codes[i] = nearest_code(code.values, largest > 0 ? values[i] / largest : 0);
    }
  }
};

}  // namespace

void HostBackend::adamw(View parameter, View master, View first_moment, View second_moment, ConstView gradient,
                        const AdamW& settings) {
  check_adamw(parameter, master, first_moment, second_moment, gradient, settings);
  const AdamWRates rates = adamw_rates(settings);
  for_each_segment(parameter, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment a, b, c, d;
    const Floats values = copy_row(master ? master : parameter, row, column, n, a);
    const Floats first = copy_row(first_moment, row, column, n, b);
    const Floats second = copy_row(second_moment, row, column, n, c);
    step(rates, values, first, second, read_row(gradient, row, column, n, d));
    write_row(first_moment, row, column, constant(first));
    write_row(second_moment, row, column, constant(second));
    write_parameter(parameter, master, row, column, constant(values));
  });
}

void HostBackend::adamw_8bit(View parameter, View master, const EightBitMoment& first_moment,
                             const EightBitMoment& second_moment, ConstView gradient, const AdamW& settings) {
  static_assert(kSegment % kMomentBlock == 0);
  check_adamw_8bit(parameter, master, first_moment, second_moment, gradient, settings);
  const AdamWRates rates = adamw_rates(settings);
  const View all = as_row(parameter), all_master = as_row(master);
  const ConstView all_gradient = as_row(gradient);
  const Blocks first{first_moment, kSignedCode}, second{second_moment, kUnsignedCode};
  for_each_segment(all, [&](std::int64_t, std::int64_t column, std::int64_t n) {
    Segment a, b, c, d;
    const Floats values = copy_row(master ? all_master : all, 0, column, n, a);
    const Floats m = first.decode(column, n, b), v = second.decode(column, n, c);
    step(rates, values, m, v, read_row(all_gradient, 0, column, n, d));
    first.encode(column, m);
    second.encode(column, v);
    write_parameter(all, all_master, 0, column, constant(values));
  });
}

}  // namespace headroom::kernels::host
