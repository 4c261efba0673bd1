#include "loops.h"
#include "optimizer_rules.h"
#include "optimizer_segment.h"

namespace headroom::kernels::host {

void HostBackend::sgd(View parameter, View master, View momentum, ConstView gradient, const Sgd& settings) {
  check_step(parameter, master, gradient, "sgd");
  check_momentum(momentum, parameter, "sgd");
  for_each_segment(parameter, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment a, b;
    Floats values = copy_row(master ? master : parameter, row, column, n, a);
    Floats direction = copy_row(gradient, row, column, n, b);
    if (momentum) {
      Segment c;
      direction += settings.momentum * read_row(momentum, row, column, n, c);
      write_row(momentum, row, column, constant(direction));
    }
    values -= settings.learning_rate * direction;
    write_parameter(parameter, master, row, column, constant(values));
  });
}

}  // namespace headroom::kernels::host
