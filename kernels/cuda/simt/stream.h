#pragma once

#if defined(HEADROOM_EMULATED)

namespace headroom::kernels::simt {

/// The emulator does at once what it is asked for.
struct Stream {};

}  // namespace headroom::kernels::simt

#else

#include <cuda_runtime_api.h>

namespace headroom::kernels::simt {

using Stream = cudaStream_t;

}  // namespace headroom::kernels::simt

#endif
