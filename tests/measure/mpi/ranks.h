#pragma once

#include <mpi_communicator.h>

namespace headroom::test {

/// All ranks that run the test, and how they exchange.
[[nodiscard]] inline std::int64_t ranks_present() { return measure::mpi::Session::ranks(); }
[[nodiscard]] inline std::int64_t this_rank() { return measure::mpi::Session::rank(); }

/// All ranks as one sequence.
[[nodiscard]] inline measure::RankPlace one_sequence(std::int64_t ulysses = 1) {
  measure::RankPlace place;
  place.ranks = place.sequence_ranks = ranks_present();
  place.sequence_rank = this_rank();
  place.ulysses_ranks = ulysses;
  return place;
}

/// The sum over all ranks.
[[nodiscard]] inline double sum_over_ranks(double value) {
  double sum = 0;
  MPI_Allreduce(&value, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return sum;
}

}  // namespace headroom::test
