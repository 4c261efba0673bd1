#include <headroom/measure/memory.h>

#include <fmt/format.h>

#include <headroom/models/checked.h>
#include <headroom/models/format.h>

namespace headroom::measure {
namespace {

std::string sentence(const Label& label, const Instant& instant, Bytes bytes, Bytes live) {
  const std::string layer = instant.layer ? fmt::format(" of layer {}", *instant.layer) : "";
  return fmt::format(
      "no memory for the tensor '{}' of {} bytes ({}) at the instant '{}'{}: {} bytes ({}) are allocated", label.name,
      bytes.count(), format_bytes(bytes), instant.name, layer, live.count(), format_bytes(live));
}

}  // namespace

Tensor Memory::tensor(const Label& label, kernels::Type type, const Shape& shape) {
  const std::int64_t elements = checked_mul(shape.batch, checked_mul(shape.rows, shape.width));
  const Bytes bytes = elements * Bytes(kernels::size_of(type));
  void* block = allocate(label, bytes);
  return {*this, label, kernels::whole_view(block, type, shape.batch, shape.rows, shape.width), bytes};
}

void* Memory::allocate(const Label& label, Bytes bytes) {
  refuse_beyond_limit(label, bytes);
  void* block = nullptr;
  try {
    block = resource_.allocate(bytes.count());
  } catch (const RefusedAllocation& reason) {
    throw RefusedAllocation(
        fmt::format("{}, and {}", sentence(label, ledger_.instant(), bytes, ledger_.live()), reason.what()));
  }
  ledger_.birth(label, bytes);
  return block;
}

void Memory::refuse_beyond_limit(const Label& label, Bytes bytes) const {
  if (!limit_ || ledger_.live() + bytes <= *limit_) return;
  throw RefusedAllocation(fmt::format("{}, and the limit is {} ({})",
                                      sentence(label, ledger_.instant(), bytes, ledger_.live()), limit_->count(),
                                      format_bytes(*limit_)));
}

void Memory::deallocate(const Label& label, void* block, Bytes bytes) noexcept {
  ledger_.death(label, bytes);
  resource_.deallocate(block, bytes.count());
}

Tensor::Tensor(Tensor&& other) noexcept
    : memory_(other.memory_), label_(other.label_), view_(std::exchange(other.view_, {})), bytes_(other.bytes_) {}

Tensor& Tensor::operator=(Tensor&& other) noexcept {
  if (this == &other) return *this;
  dies();
  memory_ = other.memory_;
  label_ = other.label_;
  bytes_ = other.bytes_;
  view_ = std::exchange(other.view_, {});
  return *this;
}

void Tensor::dies() noexcept {
  if (!view_) return;
  memory_->deallocate(label_, std::exchange(view_, {}).data, bytes_);
}

}  // namespace headroom::measure
