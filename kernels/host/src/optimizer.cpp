#include "loops.h"
#include "optimizer_rules.h"

namespace headroom::kernels::host {

namespace {

/// Powers of the betas at this step, taken once.
struct AdamWStep {
  AdamW settings;
  float inverse_first;
  float inverse_second;

  explicit AdamWStep(const AdamW& s)
      : settings(s),
        inverse_first(static_cast<float>(1 / (1 - std::pow(static_cast<double>(s.beta1), s.step)))),
        inverse_second(static_cast<float>(1 / (1 - std::pow(static_cast<double>(s.beta2), s.step)))) {}
};

/// The step of one segment; the arrays hold fp32 copies.
void step(const AdamWStep& adamw, Floats parameter, Floats first, Floats second, const ConstFloats& gradient) {
  const AdamW& s = adamw.settings;
  first = s.beta1 * first + (1 - s.beta1) * gradient;
  second = s.beta2 * second + (1 - s.beta2) * gradient.square();
  const auto direction = first * adamw.inverse_first / ((second * adamw.inverse_second).sqrt() + s.epsilon);
  parameter -= s.learning_rate * (direction + s.weight_decay * parameter);
}

Floats copy_row(const ConstView& v, std::int64_t row, std::int64_t column, std::int64_t n, Segment& buffer) {
  Floats copy(buffer.data(), n);
  Segment widened;
  copy = read_row(v, row, column, n, widened);
  return copy;
}

void write_parameter(const View& parameter, const View& master, std::int64_t row, std::int64_t column,
                     const ConstFloats& values) {
  write_row(parameter, row, column, values);
  if (master) write_row(master, row, column, values);
}

ConstFloats constant(const Floats& values) { return {values.data(), values.size()}; }

}  // namespace

void HostBackend::adamw(View parameter, View master, View first_moment, View second_moment, ConstView gradient,
                        const AdamW& settings) {
  check_adamw(parameter, master, first_moment, second_moment, gradient, settings);
  const AdamWStep adamw(settings);
  for_each_segment(parameter, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment a, b, c, d;
    const Floats values = copy_row(master ? master : parameter, row, column, n, a);
    const Floats first = copy_row(first_moment, row, column, n, b);
    const Floats second = copy_row(second_moment, row, column, n, c);
    step(adamw, values, first, second, read_row(gradient, row, column, n, d));
    write_row(first_moment, row, column, constant(first));
    write_row(second_moment, row, column, constant(second));
    write_parameter(parameter, master, row, column, constant(values));
  });
}

void HostBackend::sgd(View parameter, View master, ConstView gradient, float learning_rate) {
  check_step(parameter, master, gradient, "sgd");
  for_each_segment(parameter, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment a, b;
    Floats values = copy_row(master ? master : parameter, row, column, n, a);
    values -= learning_rate * read_row(gradient, row, column, n, b);
    write_parameter(parameter, master, row, column, constant(values));
  });
}

}  // namespace headroom::kernels::host
