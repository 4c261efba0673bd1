#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "launch_shape.h"

namespace headroom::kernels::simt {

class EmulatedBlock;

/// See thread.h. Lives on the stack of its fiber.
class Thread {
 public:
  Thread(EmulatedBlock& block, int thread) : block_(block), thread_(thread) {}

  [[nodiscard]] GridIndex block() const;
  [[nodiscard]] GridIndex blocks() const;
  [[nodiscard]] int thread() const { return thread_; }
  [[nodiscard]] int threads() const;
  [[nodiscard]] int lane() const { return thread_ % 32; }
  [[nodiscard]] int warp() const { return thread_ / 32; }

  /// Throws std::logic_error where the block was not given as much.
  template <class T>
  [[nodiscard]] T* shared(int offset = 0) const {
    return static_cast<T*>(shared_bytes(offset));
  }

  void sync();
  void sync_warp();

  [[nodiscard]] float shuffle_xor(float value, int mask) { return shuffle(value, lane() ^ mask); }
  [[nodiscard]] int shuffle_xor(int value, int mask) { return shuffle(value, lane() ^ mask); }
  [[nodiscard]] float shuffle(float value, int lane);
  [[nodiscard]] int shuffle(int value, int lane);

  // NOLINTNEXTLINE(readability-convert-member-functions-to-static): a member, as all that threads do
  void atomic_add(float* to, float value) { *to += value; }
  void atomic_add(float* to, float first, float second) {
    to[0] += first;
    to[1] += second;
  }

  /// Copies land when they are waited for and not before, so that a forgotten wait shows.
  void copy_async(void* to, const void* from, bool valid);
  void copy_commit();
  template <int kPending>
  void copy_wait() {
    land_copies(kPending);
  }

  void load_matrices(std::uint32_t (&r)[4], const void* row);
  void load_matrices_transposed(std::uint32_t (&r)[4], const void* row);
  void multiply_add(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]);

 private:
  struct Copy {
    void* to;
    const void* from;
    bool valid;
  };

  [[nodiscard]] void* shared_bytes(int offset) const;
  void land_copies(std::size_t pending);

  EmulatedBlock& block_;
  int thread_;
  std::vector<Copy> open_;                 ///< copies of the group that is not closed yet
  std::vector<std::vector<Copy>> closed_;  ///< groups, the oldest first
};

}  // namespace headroom::kernels::simt
