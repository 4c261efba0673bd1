#pragma once

/// Marks functions that are compiled for the device and for the processor alike.
#if defined(__CUDACC__)
#define HEADROOM_HD __host__ __device__
#else
#define HEADROOM_HD
#endif

/// Before a loop whose arrays shall stay in registers.
#if defined(__CUDA_ARCH__)
#define HEADROOM_UNROLL _Pragma("unroll")
#else
#define HEADROOM_UNROLL
#endif
