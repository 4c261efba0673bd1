#pragma once

#include <algorithm>
#include <cstdint>

#include "launch.h"
#include "pack.h"

namespace headroom::kernels::simt {

/// Calls body(entry, i, length) for the first element i of every pack of every batch entry, whose rows lie one behind
/// the other: a kernel without rows and columns, hence without divisions.
template <class Body>
struct Linear {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  Body body;
  std::int64_t batch;
  std::int64_t length;  ///< elements of an entry

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t step = thread.blocks().x * kThreads * kPack;
    const std::int64_t first = (thread.block().x * kThreads + thread.thread()) * kPack;
    for (std::int64_t entry = thread.block().y; entry < batch; entry += thread.blocks().y) {
      for (std::int64_t i = first; i < length; i += step) body(entry, i, length);
    }
  }
};

/// The pack at element `i` of batch entry `entry`.
template <class Void>
[[nodiscard]] HEADROOM_HD PackAt pack_of(const BasicView<Void>& v, std::int64_t entry, std::int64_t i,
                                         std::int64_t length, bool aligned) {
  return pack_at(row_begin(v, entry, 0), i, length, aligned);
}

/// One thread for each pack, at most 65535 blocks an entry.
template <class Body>
void launch_linear(Stream stream, const ConstView& shape, const Body& body) {
  constexpr std::int64_t kMost = 65535;
  const std::int64_t length = shape.rows * shape.width;
  const std::int64_t blocks = parts_of(length, Linear<Body>::kThreads * kPack);
  launch(stream, {{std::min(blocks, kMost), std::min(shape.batch, kMost), 1}, Linear<Body>::kThreads, 0},
         Linear<Body>{body, shape.batch, length});
}

}  // namespace headroom::kernels::simt
