#include <cstdint>
#include <memory>
#include <stdexcept>

#include "host_backend.h"

namespace headroom::kernels {

std::unique_ptr<Backend> make_host_backend(int threads, std::span<std::byte> workspace) {
  if (threads < 1) throw std::invalid_argument("kernels: the host backend needs at least one thread");
  if (workspace.size() / kHostWorkspacePerThread < static_cast<std::size_t>(threads)) {
    throw std::invalid_argument("kernels: the workspace is smaller than the threads need");
  }
  void* begin = workspace.data();
  std::size_t space = workspace.size();
  if (std::align(64, 1, begin, space) != workspace.data()) {
    throw std::invalid_argument("kernels: the workspace is not aligned to 64 bytes");
  }
  return std::make_unique<host::HostBackend>(threads, workspace);
}

}  // namespace headroom::kernels
