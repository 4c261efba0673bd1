#pragma once

#include <mpi.h>

namespace headroom::measure::mpi {

/// Throws std::runtime_error "MPI: <call>: <what the library says>" where a call did not succeed.
void check(int result, const char* call);

}  // namespace headroom::measure::mpi
