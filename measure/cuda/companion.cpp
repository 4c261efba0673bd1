#include "companion.h"

#include <charconv>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include <headroom/kernels/cuda/cuda_check.h>

#include "child.h"

namespace headroom::measure::cuda {
namespace {

std::optional<Bytes> bytes_in(const std::string& line) {
  std::int64_t bytes = 0;
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), bytes);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return Bytes(bytes);
}

void print_free() {
  fmt::print("{}\n", read_memory().free.count());
  std::fflush(stdout);
}

}  // namespace

std::optional<Bytes> make_context_beside_companion(const CudaDevice& device) {
  Child companion({"--stand-by", "--device", std::to_string(device.index)});
  const std::optional<Bytes> before = bytes_in(companion.read_line());
  try {
    make_context(device);
  } catch (const kernels::CudaError&) {
    // A device in exclusive mode has room for one of us.
    (void)companion.succeeds();
    (void)cudaGetLastError();
    make_context(device);
    return std::nullopt;
  }
  companion.close_input();
  const std::optional<Bytes> behind = bytes_in(companion.read_line());
  if (!companion.succeeds() || !before || !behind) return std::nullopt;
  return *before - *behind;
}

void stand_by(const CudaDevice& device) {
  make_context(device);
  print_free();
  while (std::getchar() != EOF) continue;
  print_free();
}

}  // namespace headroom::measure::cuda
