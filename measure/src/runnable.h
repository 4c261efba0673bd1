#pragma once

#include <cstdint>
#include <optional>

#include <headroom/measure/trainer.h>

namespace headroom::measure {

/// The job. Throws InputError in a sentence where it does not train, or `ranks` ranks with this host beside each cannot
/// run it.
[[nodiscard]] const Job& trainable(const Job& job, const Training& training, std::int64_t ranks,
                                   const std::optional<Host>& host);
/// The job. Throws InputError in a sentence where it is not inference, or `ranks` ranks cannot run it.
[[nodiscard]] const Job& generating(const Job& job, std::int64_t ranks);

}  // namespace headroom::measure
