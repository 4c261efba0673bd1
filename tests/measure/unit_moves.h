#pragma once

#include <string>
#include <vector>

#include <headroom/measure/ledger.h>

#include "bench.h"

/// When whole parameters are on the device (docs/runtime.md section 10.2), told unit by unit.
namespace headroom::test {

/// "layer forward 0: +1": the whole parameters of layer 1 are born in the forward of layer 0; "-1": they die. E is the
/// embedding's unit, H the head's.
using Moves = std::vector<std::string>;

/// Three layers whose feed-forwards are 1, 2 and 3 wide, which tells them apart; 4 wide, 5 words, bf16, SGD.
[[nodiscard]] Job three_layers();
/// Of that job's events, those of whole parameters, whose category is this.
[[nodiscard]] Moves moves_of(const std::vector<measure::Event>& events, Category category);

/// What was worked out by hand of that job.
struct Schedule {
  Recompute recompute;
  std::int64_t prefetch;
  Moves moves;
};
[[nodiscard]] std::vector<Schedule> schedules();

}  // namespace headroom::test
