#include "storage.h"

#include <cstring>

namespace headroom::kernels::host {

namespace {

void write_bf16(std::uint16_t* out, std::int64_t n, const float* values, Write how) {
  if (how == Write::set) {
    for (std::int64_t i = 0; i < n; ++i) out[i] = narrow(values[i]);
  } else {
    for (std::int64_t i = 0; i < n; ++i) out[i] = narrow(widen(out[i]) + values[i]);
  }
}

void write_fp32(float* out, std::int64_t n, const float* values, Write how) {
  if (how == Write::add) {
    for (std::int64_t i = 0; i < n; ++i) out[i] += values[i];
  } else if (out != values) {
    std::memcpy(out, values, static_cast<std::size_t>(n) * sizeof(float));
  }
}

}  // namespace

const float* read(Type type, const void* data, std::int64_t index, std::int64_t n, float* buffer) {
  if (type == Type::fp32) return static_cast<const float*>(data) + index;
  const std::uint16_t* in = static_cast<const std::uint16_t*>(data) + index;
  for (std::int64_t i = 0; i < n; ++i) buffer[i] = widen(in[i]);
  return buffer;
}

void write(Type type, void* data, std::int64_t index, std::int64_t n, const float* values, Write how) {
  if (type == Type::fp32) return write_fp32(static_cast<float*>(data) + index, n, values, how);
  write_bf16(static_cast<std::uint16_t*>(data) + index, n, values, how);
}

}  // namespace headroom::kernels::host
