#pragma once

#include <cstdint>
#include <optional>

#include <headroom/measure/trainer.h>

namespace headroom::measure {

/// The job. Throws InputError in a sentence where `ranks` ranks with this host beside each cannot run it.
[[nodiscard]] const Job& runnable(const Job& job, const Training& training, std::int64_t ranks,
                                  const std::optional<Host>& host);

}  // namespace headroom::measure
