#pragma once

/// Marks functions that are compiled for the device and for the processor alike.
#if defined(__CUDACC__)
#define HEADROOM_HD __host__ __device__
#define HEADROOM_UNROLL _Pragma("unroll")
#define HEADROOM_NO_UNROLL _Pragma("unroll 1")
#else
#define HEADROOM_HD
#if defined(__clang__)
#define HEADROOM_UNROLL
#else
#define HEADROOM_UNROLL _Pragma("GCC unroll 8")
#endif
#define HEADROOM_NO_UNROLL
#endif
