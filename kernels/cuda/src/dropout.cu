#include <cstdint>

#include "cuda_backend.h"
#include "elementwise_rules.h"
#include "simt/linear.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::PackAt;

/// One bit for each element of a pack.
[[nodiscard]] HEADROOM_HD inline unsigned draw(const Dropout& dropout, std::int64_t index) {
  unsigned kept = 0;
  HEADROOM_UNROLL
  for (int j = 0; j < kPack; ++j) kept |= static_cast<unsigned>(keeps(dropout, index + j)) << static_cast<unsigned>(j);
  return kept;
}

HEADROOM_HD inline void write_mask(const View& mask, const PackAt& at, unsigned kept) {
  auto* bytes = static_cast<std::uint8_t*>(mask.data) + at.index;
  if (at.is_wide()) {
    std::uint64_t all = 0;
    HEADROOM_UNROLL
    for (unsigned j = 0; j < kPack; ++j) all |= static_cast<std::uint64_t>((kept >> j) & 1U) << (8 * j);
    *reinterpret_cast<std::uint64_t*>(bytes) = all;
    return;
  }
  HEADROOM_UNROLL
  for (int j = 0; j < kPack; ++j) {
    if (j < at.n) bytes[j] = static_cast<std::uint8_t>((kept >> static_cast<unsigned>(j)) & 1U);
  }
}

[[nodiscard]] HEADROOM_HD inline unsigned read_mask(const ConstView& mask, const PackAt& at) {
  const auto* bytes = static_cast<const std::uint8_t*>(mask.data) + at.index;
  unsigned kept = 0;
  if (at.is_wide()) {
    const std::uint64_t all = *reinterpret_cast<const std::uint64_t*>(bytes);
    HEADROOM_UNROLL
    for (unsigned j = 0; j < kPack; ++j) kept |= static_cast<unsigned>((all >> (8 * j)) & 1U) << j;
    return kept;
  }
  HEADROOM_UNROLL
  for (int j = 0; j < kPack; ++j) {
    if (j < at.n && bytes[j] != 0) kept |= 1U << static_cast<unsigned>(j);
  }
  return kept;
}

HEADROOM_HD inline Pack kept_of(Pack p, unsigned kept, float scale) {
  HEADROOM_UNROLL
  for (int j = 0; j < kPack; ++j) p.v[j] = ((kept >> static_cast<unsigned>(j)) & 1U) != 0 ? p.v[j] * scale : 0;
  return p;
}

struct Drop {
  View out;
  View mask;
  ConstView x;
  Dropout dropout;
  std::int64_t first = 0;         ///< element of the whole tensor that is the first of batch entry 0
  std::int64_t entry_length = 0;  ///< elements of an entry of the whole tensor
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const unsigned kept = draw(dropout, first + entry * entry_length + i);
    if (mask) write_mask(mask, simt::pack_of(mask, entry, i, length, aligned), kept);
    if (!out) return;
    const Pack p = simt::load(x.type, x.data, simt::pack_of(x, entry, i, length, aligned));
    simt::store(out.type, out.data, simt::pack_of(out, entry, i, length, aligned), kept_of(p, kept, dropout.scale()));
  }
};

struct DropBackward {
  View dx;
  ConstView dy;
  ConstView mask;
  float scale = 0;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const unsigned kept = read_mask(mask, simt::pack_of(mask, entry, i, length, aligned));
    const Pack p = simt::load(dy.type, dy.data, simt::pack_of(dy, entry, i, length, aligned));
    simt::store(dx.type, dx.data, simt::pack_of(dx, entry, i, length, aligned), kept_of(p, kept, scale));
  }
};

}  // namespace

void CudaBackend::dropout(View out, View mask, ConstView x, const Dropout& dropout, Position position) {
  check_dropout(out, mask, x);
  const ConstView all = x ? x : ConstView(mask);
  const std::int64_t whole = position.whole == 0 ? all.rows : position.whole;
  simt::launch_linear(
      stream_, all,
      Drop{out, mask, x, dropout, position.first * all.width, whole * all.width, simt::are_aligned(out, mask, x)});
}

void CudaBackend::dropout_backward(View dx, ConstView dy, ConstView mask, const Dropout& dropout) {
  check_dropout_backward(dx, dy, mask);
  simt::launch_linear(stream_, dy, DropBackward{dx, dy, mask, dropout.scale(), simt::are_aligned(dx, dy, mask)});
}

}  // namespace headroom::kernels::cuda
