#include "bf16_sum.h"

#include <bit>
#include <cmath>
#include <cstdint>

#include "mpi_check.h"

namespace headroom::measure::mpi {
namespace {

float widen(std::uint16_t bf16) { return std::bit_cast<float>(static_cast<std::uint32_t>(bf16) << 16U); }

/// Rounds to nearest even; a NaN stays one.
std::uint16_t narrow(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U;
  return static_cast<std::uint16_t>(std::isnan(value) ? 0x7FC0U : rounded);
}

/// The signature is MPI's.
void add(void* in, void* in_out, int* length, MPI_Datatype*) {  // NOLINT(readability-non-const-parameter)
  const auto* x = static_cast<const std::uint16_t*>(in);
  auto* sum = static_cast<std::uint16_t*>(in_out);
  for (int i = 0; i < *length; ++i) sum[i] = narrow(widen(x[i]) + widen(sum[i]));
}

}  // namespace

Bf16Sum::Bf16Sum() {
  constexpr int kCommutes = 1;
  check(MPI_Op_create(add, kCommutes, &operation_), "MPI_Op_create");
}

Bf16Sum::~Bf16Sum() { MPI_Op_free(&operation_); }

}  // namespace headroom::measure::mpi
