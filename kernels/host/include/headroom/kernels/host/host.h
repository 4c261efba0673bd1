#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <headroom/kernels/backend.h>

namespace headroom::kernels {

/// Bytes of workspace a thread needs, whatever the shapes.
inline constexpr std::size_t kHostWorkspacePerThread = std::size_t{4} << 20U;

/// The processor as a backend: `threads` threads, the caller's among them. `workspace` holds kHostWorkspacePerThread
/// for each of them, aligned to 64 bytes, and outlives the backend. The order of every sum is fixed by the shapes, so
/// the number of threads does not change a result. Not to be called from two threads at once. Throws
/// std::invalid_argument where threads < 1 or the workspace is too small or not aligned.
[[nodiscard]] std::unique_ptr<Backend> make_host_backend(int threads, std::span<std::byte> workspace);

}  // namespace headroom::kernels
