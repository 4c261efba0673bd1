#pragma once

#include <headroom/models/record.h>

namespace headroom::test {

/// Runs a job on the host backend, two threads, one step, with its timeline.
[[nodiscard]] Record measured(const Job& job);

/// Whether the job's tensors never exceed `limit`, which the resource refuses to pass.
[[nodiscard]] bool runs_within(const Job& job, Bytes limit);

/// Whether the job runs in a process whose address space the operating system bounds: what the process takes for the
/// same layers on one token, and 1.02 times `budget`.
[[nodiscard]] bool runs_within_system_limit(const Job& job, Bytes budget);

}  // namespace headroom::test
