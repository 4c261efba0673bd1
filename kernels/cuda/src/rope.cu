#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cuda_backend.h"
#include "elementwise_rules.h"
#include "simt/pack.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::Thread;

/// A thread turns kPack pairs of one row in all heads of all batch entries: their angles, in double precision, are
/// taken once.
struct Rotate {
  static constexpr int kThreads = 128;
  static constexpr int kMinBlocks = 1;

  View x;
  Rotary rotary;
  std::int64_t first = 0;  ///< row of the sequence
  float direction = 0;
  bool aligned = false;

  [[nodiscard]] HEADROOM_HD std::int64_t pairs() const { return rotary.dim / 2; }

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t packs = simt::parts_of(pairs(), kPack);
    const std::int64_t step = thread.blocks().x * thread.threads();
    for (std::int64_t i = thread.block().x * thread.threads() + thread.thread(); i < x.rows * packs; i += step) {
      turn(i / packs, i % packs * kPack);
    }
  }

  HEADROOM_HD void turn(std::int64_t row, std::int64_t pair) const {
    Pack cosine, sine;
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) {
      const double frequency =
          std::pow(kRopeBase, -2.0 * static_cast<double>(pair + j) / static_cast<double>(rotary.dim));
      const double angle = static_cast<double>(first + row) * frequency;
      cosine.v[j] = static_cast<float>(std::cos(angle));
      sine.v[j] = direction * static_cast<float>(std::sin(angle));
    }
    for (std::int64_t entry = 0; entry < x.batch; ++entry) {
      const std::int64_t begin = simt::row_begin(x, entry, row) + rotary.first;
      for (std::int64_t head = 0; head < rotary.heads; ++head) {
        turn_pairs(begin + head * rotary.head_dim, pair, cosine, sine);
      }
    }
  }

  HEADROOM_HD void turn_pairs(std::int64_t begin, std::int64_t pair, const Pack& cosine, const Pack& sine) const {
    const simt::PackAt low = simt::pack_at(begin, pair, pairs(), aligned);
    const simt::PackAt high = simt::pack_at(begin + pairs(), pair, pairs(), aligned);
    const Pack u = simt::load(x.type, x.data, low), v = simt::load(x.type, x.data, high);
    Pack a, b;
    HEADROOM_UNROLL
    for (int j = 0; j < kPack; ++j) {
      a.v[j] = u.v[j] * cosine.v[j] - v.v[j] * sine.v[j];
      b.v[j] = u.v[j] * sine.v[j] + v.v[j] * cosine.v[j];
    }
    simt::store(x.type, x.data, low, a);
    simt::store(x.type, x.data, high, b);
  }
};

/// Whether both halves of what is rotated begin at packs in every head.
bool has_aligned_halves(const Rotary& rotary) {
  return rotary.head_dim % kPack == 0 && rotary.first % kPack == 0 && rotary.dim % (std::int64_t{2} * kPack) == 0;
}

void rotate(simt::Stream stream, const View& x, const Rotary& rotary, const Position& position, float direction) {
  check_rope(x, rotary);
  const bool aligned = simt::have_aligned_rows(x) && has_aligned_halves(rotary);
  const std::int64_t threads = x.rows * simt::parts_of(rotary.pairs(), kPack);
  simt::launch(stream,
               {{std::min<std::int64_t>(simt::parts_of(threads, Rotate::kThreads), 65535), 1, 1}, Rotate::kThreads, 0},
               Rotate{x, rotary, position.first, direction, aligned});
}

}  // namespace

void CudaBackend::rope(View x, const Rotary& rotary, Position position) { rotate(stream_, x, rotary, position, 1); }

void CudaBackend::rope_backward(View x, const Rotary& rotary, Position position) {
  rotate(stream_, x, rotary, position, -1);
}

}  // namespace headroom::kernels::cuda
