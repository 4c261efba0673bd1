#include "emulated_thread.h"

#include <cstring>
#include <stdexcept>
#include <utility>

#include "element.h"
#include "emulated_block.h"

namespace headroom::kernels::simt {

namespace {

constexpr int kWarp = EmulatedBlock::kWarp;
using Arguments = EmulatedBlock::Arguments;

template <class T>
T& lane_of(const Arguments& arguments, int lane) {
  return *static_cast<T*>(arguments[static_cast<std::size_t>(lane)]);
}

void require_aligned(const void* p) {
  if (reinterpret_cast<std::uintptr_t>(p) % 16 != 0) throw std::logic_error("an address is not aligned to 16 bytes");
}

template <class T>
struct Shuffle {
  T value;
  int from;
  T result;

  static void run(const Arguments& arguments) {
    for (int lane = 0; lane < kWarp; ++lane) {
      auto& mine = lane_of<Shuffle>(arguments, lane);
      mine.result = lane_of<Shuffle>(arguments, mine.from % kWarp).value;
    }
  }
};

/// PTX ISA, ldmatrix: of each 8x8 matrix, lane l holds elements 2 (l % 4) and the next of row l / 4.
struct LoadMatrices {
  const void* row;
  std::uint32_t (*r)[4];
  bool transposed;

  static std::uint16_t element(const Arguments& arguments, int matrix, int row, int column) {
    const auto* begin = static_cast<const std::uint16_t*>(lane_of<LoadMatrices>(arguments, 8 * matrix + row).row);
    return begin[column];
  }

  static void run(const Arguments& arguments) {
    for (int lane = 0; lane < kWarp; ++lane) {
      const auto& mine = lane_of<LoadMatrices>(arguments, lane);
      for (int matrix = 0; matrix < 4; ++matrix) {
        const int i = lane / 4, j = lane % 4 * 2;
        const std::uint32_t low = mine.transposed ? element(arguments, matrix, j, i) : element(arguments, matrix, i, j);
        const std::uint32_t high =
            mine.transposed ? element(arguments, matrix, j + 1, i) : element(arguments, matrix, i, j + 1);
        (*mine.r)[matrix] = low | (high << 16U);
      }
    }
  }
};

/// PTX ISA, fragments of mma.m16n8k16 with .bf16: group g = lane / 4, t = lane % 4. a: registers 0..3 hold rows g, g+8,
/// g, g+8 and columns 2t, 2t, 2t+8, 2t+8 and the next; b: rows 2t, 2t+8 and the next, column g; c: rows g, g, g+8, g+8,
/// columns 2t, 2t+1, 2t, 2t+1.
struct MultiplyAdd {
  float (*c)[4];
  const std::uint32_t (*a)[4];
  const std::uint32_t (*b)[2];

  static float half(std::uint32_t pair, int which) {
    return widen(static_cast<std::uint16_t>(which == 0 ? pair : pair >> 16U));
  }

  static void run(const Arguments& arguments) {
    float a[16][16];
    float b[16][8];
    for (int lane = 0; lane < kWarp; ++lane) {
      const auto& mine = lane_of<MultiplyAdd>(arguments, lane);
      const int g = lane / 4, t = lane % 4;
      for (int i = 0; i < 8; ++i) a[g + i / 2 % 2 * 8][2 * t + i / 4 * 8 + i % 2] = half((*mine.a)[i / 2], i % 2);
      for (int i = 0; i < 4; ++i) b[2 * t + i / 2 * 8 + i % 2][g] = half((*mine.b)[i / 2], i % 2);
    }
    for (int lane = 0; lane < kWarp; ++lane) {
      const auto& mine = lane_of<MultiplyAdd>(arguments, lane);
      for (int i = 0; i < 4; ++i) {
        const int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
        float sum = (*mine.c)[i];
        for (int k = 0; k < 16; ++k) sum += a[row][k] * b[k][column];
        (*mine.c)[i] = sum;
      }
    }
  }
};

void nothing(const Arguments& /*arguments*/) {}

}  // namespace

GridIndex Thread::block() const { return block_.place(); }
GridIndex Thread::blocks() const { return block_.shape().blocks; }
int Thread::threads() const { return block_.shape().threads; }

void* Thread::shared_bytes(int offset) const {
  if (offset < 0 || offset > block_.shape().shared_bytes) throw std::logic_error("outside the block's shared memory");
  return block_.shared_memory() + offset;
}

void Thread::sync() { block_.meet_block(thread_); }
void Thread::sync_warp() { block_.meet_warp(thread_, nullptr, &nothing); }

float Thread::shuffle(float value, int lane) {
  Shuffle<float> arguments{value, lane, 0};
  block_.meet_warp(thread_, &arguments, &Shuffle<float>::run);
  return arguments.result;
}

int Thread::shuffle(int value, int lane) {
  Shuffle<int> arguments{value, lane, 0};
  block_.meet_warp(thread_, &arguments, &Shuffle<int>::run);
  return arguments.result;
}

void Thread::copy_async(void* to, const void* from, bool valid) {
  require_aligned(to);
  if (valid) require_aligned(from);
  open_.push_back({to, from, valid});
}

void Thread::copy_commit() { closed_.push_back(std::exchange(open_, {})); }

void Thread::land_copies(std::size_t pending) {
  while (closed_.size() > pending) {
    for (const Copy& copy : closed_.front()) {
      if (copy.valid) {
        std::memcpy(copy.to, copy.from, 16);
      } else {
        std::memset(copy.to, 0, 16);
      }
    }
    closed_.erase(closed_.begin());
  }
}

void Thread::load_matrices(std::uint32_t (&r)[4], const void* row) {
  require_aligned(row);
  LoadMatrices arguments{row, &r, false};
  block_.meet_warp(thread_, &arguments, &LoadMatrices::run);
}

void Thread::load_matrices_transposed(std::uint32_t (&r)[4], const void* row) {
  require_aligned(row);
  LoadMatrices arguments{row, &r, true};
  block_.meet_warp(thread_, &arguments, &LoadMatrices::run);
}

void Thread::multiply_add(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  MultiplyAdd arguments{&c, &a, &b};
  block_.meet_warp(thread_, &arguments, &MultiplyAdd::run);
}

}  // namespace headroom::kernels::simt
