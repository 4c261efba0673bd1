#pragma once

#include <cstdint>

#include <headroom/kernels/view.h>

namespace headroom::kernels {

/// AdamW (Loshchilov & Hutter, arXiv 1711.05101); step counts from 1.
struct AdamW {
  float learning_rate = 1e-3F;
  float beta1 = 0.9F;
  float beta2 = 0.95F;
  float epsilon = 1e-8F;
  float weight_decay = 0.1F;
  std::int64_t step = 1;
};

/// Elements of a block of an 8-bit moment.
inline constexpr std::int64_t kMomentBlock = 256;

/// Blocks of a moment of so many elements; the last one may be shorter.
[[nodiscard]] constexpr std::int64_t moment_blocks(std::int64_t elements) {
  return (elements + kMomentBlock - 1) / kMomentBlock;
}

/// A moment of AdamW in 8 bits with block-wise dynamic quantisation (Dettmers et al., arXiv 2110.02861): an element is
/// the value of its code, at most 1 in magnitude, times the scale of its block. All zero bytes are a moment of zeros.
struct EightBitMoment {
  View codes;   ///< uint8, the parameter's shape, one piece
  View scales;  ///< fp32 [moment_blocks(elements)]: the largest magnitude of each block
};

/// Gradient descent, with momentum where there is one (Polyak's).
struct Sgd {
  float learning_rate = 0.1F;
  float momentum = 0.9F;  ///< mu, read only where there is a momentum
};

/// Adafactor (Shazeer & Stern, arXiv 1804.04235) with the hyperparameters of its algorithm 6; step counts from 1.
struct Adafactor {
  float relative_step = 1e-2F;  ///< rho is this at most, and 1 / sqrt(step)
  float decay = 0.8F;           ///< beta2 is 1 - step^-decay
  float clip = 1;               ///< d
  float epsilon1 = 1e-30F;      ///< added to squares of the gradient
  float epsilon2 = 1e-3F;       ///< least root mean square that a parameter counts with
  float momentum = 0.9F;        ///< beta1, read only where there is a momentum
  std::int64_t step = 1;
};

/// What Adafactor keeps of a parameter [r,c]: either the whole second moment or its averages.
struct AdafactorStates {
  View momentum;         ///< [r,c], optional
  View second_moment;    ///< [r,c] fp32
  View row_averages;     ///< [r] fp32
  View column_averages;  ///< [c] fp32
};

}  // namespace headroom::kernels
