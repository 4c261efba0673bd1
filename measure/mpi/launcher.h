#pragma once

#include "mpi_options.h"

namespace headroom::measure::mpi {

/// Starts this program's ranks with the same arguments through mpirun and waits for their end, with a bound on every
/// wait. What the ranks say goes to stderr, of failures the first sentence alone. Returns the exit code. Throws
/// InputError where the job cannot be run, std::runtime_error where mpirun cannot be started.
[[nodiscard]] int launch_ranks(const Options& options, int argc, const char* const* argv);

}  // namespace headroom::measure::mpi
