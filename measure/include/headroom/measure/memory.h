#pragma once

#include <optional>

#include <headroom/kernels/view.h>
#include <headroom/measure/ledger.h>
#include <headroom/measure/resource.h>
#include <headroom/measure/tensor.h>

namespace headroom::measure {

/// The one place where tensors come from: a resource, its bookkeeping and an optional limit on live bytes.
/// Outlives its tensors.
class Memory {
 public:
  explicit Memory(Resource& resource, std::optional<Bytes> limit = std::nullopt) : resource_(resource), limit_(limit) {}

  /// A tensor [batch, rows, width] of exactly that many elements. Throws RefusedAllocation, OverflowError.
  [[nodiscard]] Tensor tensor(const Label& label, kernels::Type type, const Shape& shape);

  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] Resource& resource() { return resource_; }

 private:
  friend class Tensor;
  void* allocate(const Label& label, Bytes bytes);
  void deallocate(const Label& label, void* block, Bytes bytes) noexcept;
  void refuse_beyond_limit(const Label& label, Bytes bytes) const;

  Resource& resource_;
  std::optional<Bytes> limit_;
  Ledger ledger_;
};

}  // namespace headroom::measure
