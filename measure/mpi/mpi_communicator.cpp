#include "mpi_communicator.h"

#include "mpi_check.h"

namespace headroom::measure::mpi {
namespace {

std::int64_t ulysses_group(const RankPlace& place) {
  return (place.data_rank * place.sequence_ranks + place.sequence_rank) / place.ulysses_ranks;
}

std::int64_t ring_group(const RankPlace& place) {
  return place.data_rank * place.ulysses_ranks + place.sequence_rank % place.ulysses_ranks;
}

}  // namespace

Session::Session() {
  int level = MPI_THREAD_SINGLE;
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level), "MPI_Init_thread");
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
}

Session::~Session() { MPI_Finalize(); }

std::int64_t Session::rank() {
  int rank = 0;
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank), "MPI_Comm_rank");
  return rank;
}

std::int64_t Session::ranks() {
  int ranks = 1;
  check(MPI_Comm_size(MPI_COMM_WORLD, &ranks), "MPI_Comm_size");
  return ranks;
}

MpiCommunicator::MpiCommunicator(const RankPlace& place, const Exchange& exchange)
    : all_(MPI_COMM_WORLD, 0, exchange.bf16_sum, exchange.waiting),
      sequence_(MPI_COMM_WORLD, place.data_rank, exchange.bf16_sum, exchange.waiting),
      ulysses_(MPI_COMM_WORLD, ulysses_group(place), exchange.bf16_sum, exchange.waiting),
      ring_(MPI_COMM_WORLD, ring_group(place), exchange.bf16_sum, exchange.waiting) {}

}  // namespace headroom::measure::mpi
