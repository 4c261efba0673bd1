#include "elementwise_rules.h"
#include "loops.h"

namespace headroom::kernels::host {

namespace {

constexpr std::int64_t kRowsOfPart = 16;

/// Sines and cosines of one row's angles, in scratch memory.
struct Angles {
  std::int64_t pairs;
  double* frequencies;
  float* cosines;
  float* sines;

  Angles(Scratch& scratch, const Rotary& rotary)
      : pairs(rotary.pairs()),
        frequencies(static_cast<double*>(static_cast<void*>(scratch.take(2 * pairs)))),
        cosines(scratch.take(pairs)),
        sines(scratch.take(pairs)) {
    for (std::int64_t i = 0; i < pairs; ++i) {
      frequencies[i] = std::pow(kRopeBase, -2.0 * static_cast<double>(i) / static_cast<double>(rotary.dim));
    }
  }

  void turn_to(std::int64_t row, double direction) const {
    for (std::int64_t i = 0; i < pairs; ++i) {
      const double angle = static_cast<double>(row) * frequencies[i];
      cosines[i] = static_cast<float>(std::cos(angle));
      sines[i] = static_cast<float>(direction * std::sin(angle));
    }
  }
};

/// Rotates the pairs [first, first + n) of the rotated part that begins at `begin`.
void rotate_pairs(const View& x, std::int64_t begin, const Angles& angles, std::int64_t first, std::int64_t n) {
  Segment a, b, low, high;
  const std::int64_t at_low = begin + first, at_high = begin + angles.pairs + first;
  const ConstFloats u(read(x.type, x.data, at_low, n, a.data()), n), v(read(x.type, x.data, at_high, n, b.data()), n);
  const ConstFloats cosine(angles.cosines + first, n), sine(angles.sines + first, n);
  Floats(low.data(), n) = u * cosine - v * sine;
  Floats(high.data(), n) = u * sine + v * cosine;
  write(x.type, x.data, at_low, n, low.data(), Write::set);
  write(x.type, x.data, at_high, n, high.data(), Write::set);
}

}  // namespace

void HostBackend::rotate(View x, const Rotary& rotary, Position position, double direction) {
  check_rope(x, rotary);
  pool_.run(parts_of(x.rows, kRowsOfPart), [&](std::int64_t part, int thread) {
    Scratch memory = scratch(thread);
    const Angles angles(memory, rotary);
    for_each_step(
        part * kRowsOfPart, std::min(x.rows, (part + 1) * kRowsOfPart), 1, [&](std::int64_t row, std::int64_t) {
          angles.turn_to(position.first + row, direction);
          for (std::int64_t i = 0; i < x.batch * rotary.heads; ++i) {
            const std::int64_t head = i % rotary.heads * rotary.head_dim;
            const std::int64_t begin = row_begin(x, i / rotary.heads * x.rows + row) + head + rotary.first;
            for_each_step(0, angles.pairs, kSegment,
                          [&](std::int64_t first, std::int64_t n) { rotate_pairs(x, begin, angles, first, n); });
          }
        });
  });
}

void HostBackend::rope(View x, const Rotary& rotary, Position position) { rotate(x, rotary, position, 1); }

void HostBackend::rope_backward(View x, const Rotary& rotary, Position position) { rotate(x, rotary, position, -1); }

}  // namespace headroom::kernels::host
