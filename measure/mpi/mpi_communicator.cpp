#include "mpi_communicator.h"

#include "mpi_check.h"

namespace headroom::measure::mpi {
namespace {

/// The groups of ranks that differ in nothing but their data and sequence places are `group`, once for each place in a
/// tensor group.
std::int64_t with_tensor_rank(const RankPlace& place, std::int64_t group) {
  return group * place.tensor_ranks + place.tensor_rank;
}

/// Of all tensor groups.
std::int64_t tensor_group(const RankPlace& place) {
  return place.data_rank * place.sequence_ranks + place.sequence_rank;
}

std::int64_t ulysses_group(const RankPlace& place) {
  return with_tensor_rank(place, tensor_group(place) / place.ulysses_ranks);
}

std::int64_t ring_group(const RankPlace& place) {
  return with_tensor_rank(place, place.data_rank * place.ulysses_ranks + place.sequence_rank % place.ulysses_ranks);
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
      states_(MPI_COMM_WORLD, place.tensor_rank, exchange.bf16_sum, exchange.waiting),
      tensor_(MPI_COMM_WORLD, tensor_group(place), exchange.bf16_sum, exchange.waiting),
      sequence_(MPI_COMM_WORLD, with_tensor_rank(place, place.data_rank), exchange.bf16_sum, exchange.waiting),
      ulysses_(MPI_COMM_WORLD, ulysses_group(place), exchange.bf16_sum, exchange.waiting),
      ring_(MPI_COMM_WORLD, ring_group(place), exchange.bf16_sum, exchange.waiting) {
  for (std::int64_t length = 1; length < place.tensor_ranks; ++length) {
    if (place.tensor_ranks % length != 0) continue;
    const std::int64_t run = tensor_group(place) * place.tensor_ranks + place.tensor_rank / length;
    tensor_runs_.try_emplace(length, MPI_COMM_WORLD, run, exchange.bf16_sum, exchange.waiting);
  }
}

RankGroup& MpiCommunicator::tensor(std::int64_t ranks) {
  return ranks == tensor_.size() ? tensor_ : tensor_runs_.at(ranks);
}

}  // namespace headroom::measure::mpi
