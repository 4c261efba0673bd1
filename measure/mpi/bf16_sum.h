#pragma once

#include <mpi.h>

namespace headroom::measure::mpi {

/// The sum of bf16 elements, added in fp32 and rounded to nearest even. Lives from MPI_Init to MPI_Finalize.
class Bf16Sum {
 public:
  Bf16Sum();
  Bf16Sum(const Bf16Sum&) = delete;
  Bf16Sum& operator=(const Bf16Sum&) = delete;
  ~Bf16Sum();

  [[nodiscard]] MPI_Op operation() const { return operation_; }

 private:
  MPI_Op operation_ = MPI_OP_NULL;
};

}  // namespace headroom::measure::mpi
