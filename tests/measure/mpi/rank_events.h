#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/measure/ledger.h>

#include "bench.h"

namespace headroom::test {

/// "+name bytes category" is a birth, "-name" a death.
using Events = std::vector<std::string>;

/// Which of a rank's memories.
enum class Side : std::uint8_t { device, host };

[[nodiscard]] Events told(const std::vector<measure::Event>& events);
/// This rank's events of the first step.
[[nodiscard]] std::vector<measure::Event> timeline_of(const Job& job, Side side);
/// Those of one kind of instant.
[[nodiscard]] Events events_of(const Job& job, std::string_view instant, Side side = Side::device);
/// From the first event `first` up to and with the next `last`.
[[nodiscard]] Events between(const Events& events, const std::string& first, const std::string& last);

}  // namespace headroom::test
