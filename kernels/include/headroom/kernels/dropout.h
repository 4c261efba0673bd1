#pragma once

#include <cstdint>

namespace headroom::kernels {

/// Dropout with a counter-based generator: whether element i of a tensor is kept is a function of (seed, i) alone, so
/// that a recompute, a block of the tensor and another backend draw the same. Each tensor needs a seed of its own.
struct Dropout {
  float probability = 0;  ///< of being dropped, in [0, 1); 0: no dropout
  std::uint64_t seed = 0;

  [[nodiscard]] constexpr explicit operator bool() const { return probability > 0; }
  /// What kept elements are multiplied by.
  [[nodiscard]] constexpr float scale() const { return 1 / (1 - probability); }
  /// Elements whose 32 random bits are below this are dropped.
  [[nodiscard]] constexpr std::uint32_t threshold() const {
    return static_cast<std::uint32_t>(static_cast<double>(probability) * 4294967296.0);
  }
};

/// What the seed moves by from one index to the next.
inline constexpr std::uint64_t kIndexStep = 0x9E3779B97F4A7C15U;

/// 32 random bits for (seed, index): the finalizer of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
[[nodiscard]] constexpr std::uint32_t random_bits(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed + (index + 1) * kIndexStep;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return static_cast<std::uint32_t>((z ^ (z >> 31U)) >> 32U);
}

/// Whether element `index` of the whole tensor survives.
[[nodiscard]] constexpr bool keeps(const Dropout& dropout, std::int64_t index) {
  return random_bits(dropout.seed, static_cast<std::uint64_t>(index)) >= dropout.threshold();
}

/// Draws for element i what `dropout` draws for element i + elements: for a tensor that is a part of a larger one.
[[nodiscard]] constexpr Dropout moved_by(Dropout dropout, std::int64_t elements) {
  dropout.seed += static_cast<std::uint64_t>(elements) * kIndexStep;
  return dropout;
}

}  // namespace headroom::kernels
