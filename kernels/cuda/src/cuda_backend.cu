#include "cuda_backend.h"

#include <array>
#include <utility>

#include "check.h"
#include "embedding_rules.h"
#include "loss_rules.h"

namespace headroom::kernels::cuda {

CudaBackend::CudaBackend(simt::Stream stream, std::unique_ptr<Products> products, std::span<std::byte> workspace)
    : stream_(stream),
      products_(std::move(products)),
      faults_(reinterpret_cast<std::int32_t*>(workspace.data())),
      scratch_{reinterpret_cast<float*>(workspace.data() + kFaultBytes),
               static_cast<std::int64_t>((workspace.size() - kFaultBytes) / sizeof(float))} {
  clear_faults();
}

void CudaBackend::clear_faults() { CudaBackend::zero(whole_view(faults_, Type::int32, 1, 1, kFaults)); }

void CudaBackend::synchronize() {
  std::array<std::int32_t, kFaults> faults{};
  simt::read_back(stream_, faults.data(), faults_, sizeof faults);
  const auto none = [&](Fault which) { return faults[static_cast<std::size_t>(which)] == 0; };
  if (faults != std::array<std::int32_t, kFaults>{}) clear_faults();
  require(none(Fault::embed), "embed", kIdRule);
  require(none(Fault::embed_backward), "embed_backward", kIdRule);
  require(none(Fault::embed_part), "embed_part", kPartIdRule);
  require(none(Fault::embed_part_backward), "embed_part_backward", kPartIdRule);
  require(none(Fault::cross_entropy), "cross_entropy", kTargetRule);
  require(none(Fault::vocabulary_sums), "vocabulary_sums", kTargetRule);
  require(none(Fault::vocabulary_cross_entropy), "vocabulary_cross_entropy", kTargetRule);
}

}  // namespace headroom::kernels::cuda
