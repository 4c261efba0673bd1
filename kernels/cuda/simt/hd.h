#pragma once

/// Marks functions that are compiled for the device and for the processor alike.
#if defined(__CUDACC__)
#define HEADROOM_HD __host__ __device__
#else
#define HEADROOM_HD
#endif

/// HEADROOM_UNROLL before a loop whose arrays shall stay in registers, HEADROOM_NO_UNROLL before one that shall stay a
/// loop.
#if defined(__CUDA_ARCH__)
#define HEADROOM_UNROLL _Pragma("unroll")
#define HEADROOM_NO_UNROLL _Pragma("unroll 1")
#elif defined(__CUDACC__) || defined(__clang__)
#define HEADROOM_UNROLL
#define HEADROOM_NO_UNROLL
#else
#define HEADROOM_UNROLL _Pragma("GCC unroll 8")
#define HEADROOM_NO_UNROLL
#endif
