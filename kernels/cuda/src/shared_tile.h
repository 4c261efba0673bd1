#pragma once

#include <cstdint>
#include <numeric>

#include "simt/launch.h"

namespace headroom::kernels::cuda {

/// A tile of bf16 rows in shared memory for ldmatrix. The 16-byte chunks of a row change places with its number, so
/// that the same chunk of any 8 rows that follow each other lies in 8 different groups of 4 banks: neither copies nor
/// loads of fragments meet in a bank.
template <int kColumns>
class SharedTile {
 public:
  static constexpr int kChunks = kColumns / 8;
  static constexpr int kRowBytes = 2 * kColumns;
  static_assert(kColumns % 16 == 0);

  HEADROOM_DEVICE explicit SharedTile(unsigned char* data) : data_(data) {}

  /// The chunks that exchange their places, by as many rows as the row length itself does not move apart.
  static constexpr int kExchanged = std::gcd(8, kChunks);
  [[nodiscard]] HEADROOM_HD static constexpr int swizzled(int row, int chunk) {
    return chunk ^ (row / (8 / kExchanged) % kExchanged);
  }
  /// Byte of the tile where a chunk begins.
  [[nodiscard]] HEADROOM_HD static constexpr int offset(int row, int chunk) {
    return row * kRowBytes + 16 * swizzled(row, chunk);
  }

  [[nodiscard]] HEADROOM_DEVICE unsigned char* at(int row, int chunk) const { return data_ + offset(row, chunk); }
  /// Elements `column` and the next, `column` even.
  HEADROOM_DEVICE void store_pair(int row, int column, std::uint32_t pair) const {
    *reinterpret_cast<std::uint32_t*>(at(row, column / 8) + column % 8 * 2) = pair;
  }

  /// Copies kRows rows that begin `row_step` elements apart, zeros from row `valid` on, by all threads of the block. A
  /// thread keeps to one chunk of the rows, so that it has one address to move on.
  template <int kRows, int kThreads>
  HEADROOM_DEVICE void copy(simt::Thread& thread, const std::uint16_t* from, std::int64_t row_step, int valid) const {
    constexpr int kTogether = kThreads / kChunks;
    const int chunk = thread.thread() % kChunks, first = thread.thread() / kChunks;
    if (first >= kTogether) return;
    const std::uint16_t* chunk_from = from + first * row_step + 8 * chunk;
    HEADROOM_UNROLL
    for (int done = 0; done < kRows; done += kTogether) {
      const int row = done + first;
      if (kRows % kTogether != 0 && row >= kRows) return;
      thread.copy_async(at(row, chunk), chunk_from, row < valid);
      chunk_from += kTogether * row_step;
    }
  }

  // Fragments of mma.m16n8k16 (PTX ISA). `row` and `column` are where the 16x16 piece begins, multiples of 8 and 16.

  /// A[m, k] from rows m.
  HEADROOM_DEVICE void load_a(simt::Thread& thread, std::uint32_t (&a)[4], int row, int column) const {
    const int lane = thread.lane();
    thread.load_matrices(a, at(row + lane % 16, column / 8 + lane / 16));
  }
  /// A[m, k] from rows k: `row` is of k, `column` of m.
  HEADROOM_DEVICE void load_a_transposed(simt::Thread& thread, std::uint32_t (&a)[4], int row, int column) const {
    const int lane = thread.lane();
    thread.load_matrices_transposed(a, at(row + lane / 16 * 8 + lane % 8, column / 8 + lane / 8 % 2));
  }
  /// B[k, n] from rows n: the fragments of n in [row, row + 8) and [row + 8, row + 16).
  HEADROOM_DEVICE void load_b(simt::Thread& thread, std::uint32_t (&b)[2][2], int row, int column) const {
    const int lane = thread.lane();
    std::uint32_t r[4];
    thread.load_matrices(r, at(row + lane / 16 * 8 + lane % 8, column / 8 + lane / 8 % 2));
    take(b, r);
  }
  /// B[k, n] from rows k: the fragments of n in [column, column + 8) and [column + 8, column + 16).
  HEADROOM_DEVICE void load_b_transposed(simt::Thread& thread, std::uint32_t (&b)[2][2], int row, int column) const {
    const int lane = thread.lane();
    std::uint32_t r[4];
    thread.load_matrices_transposed(r, at(row + lane % 16, column / 8 + lane / 16));
    take(b, r);
  }
  /// B[k, n] from rows k, n in [column, column + 8): the fragments of k in [row, row + 16) and [row + 16, row + 32).
  HEADROOM_DEVICE void load_b_narrow(simt::Thread& thread, std::uint32_t (&b)[2][2], int row, int column) const {
    std::uint32_t r[4];
    thread.load_matrices_transposed(r, at(row + thread.lane(), column / 8));
    take(b, r);
  }

 private:
  HEADROOM_DEVICE static void take(std::uint32_t (&b)[2][2], const std::uint32_t (&r)[4]) {
    b[0][0] = r[0];
    b[0][1] = r[1];
    b[1][0] = r[2];
    b[1][1] = r[3];
  }

  unsigned char* data_;
};

}  // namespace headroom::kernels::cuda
