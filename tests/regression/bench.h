#pragma once

#include <headroom/models/record.h>

namespace headroom::test {

/// Runs a job on the host backend, two threads, one step, with its timeline.
[[nodiscard]] Record measured(const Job& job);

}  // namespace headroom::test
