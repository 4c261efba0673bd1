#pragma once

#include <vector>

#include <headroom/models/record.h>

namespace headroom::measure::mpi {

/// On rank 0 the records of all ranks of MPI_COMM_WORLD, in their order; on the others nothing.
[[nodiscard]] std::vector<Record> gather_records(const Record& own);

/// The record of the rank with the largest total, the first of equals, with what every rank measured.
[[nodiscard]] Record record_of_all(const std::vector<Record>& records);

}  // namespace headroom::measure::mpi
