#include "mpi_check.h"

#include <array>
#include <stdexcept>
#include <string>

namespace headroom::measure::mpi {

void check(int result, const char* call) {
  if (result == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(result, text.data(), &length);
  throw std::runtime_error(std::string("MPI: ") + call + ": " + text.data());
}

}  // namespace headroom::measure::mpi
