#pragma once

#include <cstdint>

#include "launch_shape.h"

namespace headroom::kernels::simt {

/// See thread.h.
class Thread {
 public:
  /// x is read anew at every call: who asks again at the end of a kernel needs no register for it in between.
  [[nodiscard]] __device__ GridIndex block() const {
    unsigned x = 0;
    asm volatile("mov.u32 %0, %%ctaid.x;\n" : "=r"(x));
    return {x, blockIdx.y, blockIdx.z};
  }
  [[nodiscard]] __device__ GridIndex blocks() const { return {gridDim.x, gridDim.y, gridDim.z}; }
  [[nodiscard]] __device__ int thread() const { return static_cast<int>(threadIdx.x); }
  [[nodiscard]] __device__ int threads() const { return static_cast<int>(blockDim.x); }
  [[nodiscard]] __device__ int lane() const { return thread() & 31; }
  [[nodiscard]] __device__ int warp() const { return thread() >> 5; }

  template <class T>
  [[nodiscard]] __device__ T* shared(int offset = 0) const {
    extern __shared__ __align__(128) unsigned char memory[];
    return reinterpret_cast<T*>(memory + offset);
  }

  __device__ void sync() const { __syncthreads(); }
  __device__ void sync_warp() const { __syncwarp(); }

  template <class T>
  [[nodiscard]] __device__ T shuffle_xor(T value, int mask) const {
    return __shfl_xor_sync(kWarp, value, mask);
  }
  template <class T>
  [[nodiscard]] __device__ T shuffle(T value, int lane) const {
    return __shfl_sync(kWarp, value, lane);
  }

  __device__ void atomic_add(float* to, float value) const { atomicAdd(to, value); }
  __device__ void atomic_add(float* to, float first, float second) const {
#if __CUDA_ARCH__ >= 900
    atomicAdd(reinterpret_cast<float2*>(to), make_float2(first, second));
#else
    atomicAdd(to, first);
    atomicAdd(to + 1, second);
#endif
  }

  __device__ void copy_async(void* to, const void* from, bool valid) const {
    const int bytes = valid ? 16 : 0;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(address(to)), "l"(from), "r"(bytes)
                 : "memory");
  }
  __device__ void copy_commit() const { asm volatile("cp.async.commit_group;\n" ::: "memory"); }
  template <int kPending>
  __device__ void copy_wait() const {
    asm volatile("cp.async.wait_group %0;\n" ::"n"(kPending) : "memory");
  }

  __device__ void load_matrices(std::uint32_t (&r)[4], const void* row) const {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address(row))
                 : "memory");
  }
  __device__ void load_matrices_transposed(std::uint32_t (&r)[4], const void* row) const {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];\n"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address(row))
                 : "memory");
  }
  __device__ void multiply_add(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) const {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};\n"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }

 private:
  static constexpr unsigned kWarp = 0xFFFFFFFFU;
  [[nodiscard]] static __device__ std::uint32_t address(const void* shared) {
    return static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
  }
};

}  // namespace headroom::kernels::simt
