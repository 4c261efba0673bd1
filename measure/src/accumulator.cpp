#include "accumulator.h"

namespace headroom::measure {

Accumulator::Accumulator(const Run& run, const Target& target, const Label& label) : run_(run), target_(target) {
  if (run.is_fp32()) {
    sum_ = target_.open(run);
  } else {
    own_ = run.fp32(label, target.rows.count, target.width);
    sum_ = own_.view();
  }
}

void Accumulator::round() {
  if (!own_) return;
  run_.backend.convert(result(), sum_);
  dies();
}

}  // namespace headroom::measure
