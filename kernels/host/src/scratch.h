#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

namespace headroom::kernels::host {

/// The workspace of one thread, handed out from the front. What was taken is free again with the Scratch.
class Scratch {
 public:
  explicit Scratch(std::span<std::byte> memory) : memory_(memory) {}

  /// Floats that can still be taken.
  [[nodiscard]] std::int64_t left() const { return static_cast<std::int64_t>(memory_.size() / sizeof(float)); }

  /// `n` floats, aligned to 64 bytes. Throws std::length_error where they do not fit.
  [[nodiscard]] float* take(std::int64_t n) {
    const std::size_t bytes = (static_cast<std::size_t>(n) * sizeof(float) + 63) / 64 * 64;
    if (bytes > memory_.size()) throw std::length_error("kernels: a row is too wide for the workspace");
    std::byte* begin = memory_.data();
    memory_ = memory_.subspan(bytes);
    return static_cast<float*>(static_cast<void*>(begin));
  }

 private:
  std::span<std::byte> memory_;
};

}  // namespace headroom::kernels::host
