#pragma once

#include "mpi_options.h"

namespace headroom::measure::mpi {

inline constexpr const char* kProgramName = "headroom-measure-mpi";
/// Set in the environment of ranks that a launcher listens to.
inline constexpr const char* kLauncherVariable = "HEADROOM_MPI_LAUNCHER";

/// Whether mpirun has started this process as one of its ranks.
[[nodiscard]] bool is_rank();

/// Runs the job as this rank; rank 0 writes the record of all. Whatever goes wrong ends all ranks with one sentence
/// that names this one. Returns the exit code.
[[nodiscard]] int run_rank(const Options& options);

}  // namespace headroom::measure::mpi
