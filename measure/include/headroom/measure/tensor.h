#pragma once

#include <cstdint>
#include <utility>

#include <headroom/kernels/view.h>
#include <headroom/measure/ledger.h>

namespace headroom::measure {

class Memory;

struct Shape {
  std::int64_t batch = 1;
  std::int64_t rows = 1;
  std::int64_t width = 1;
};

/// Some rows of each sequence.
struct Rows {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// A tensor that lives as long as its handle: born where Memory::tensor makes it, dead where the handle ends or dies().
class Tensor {
 public:
  Tensor() = default;
  Tensor(Tensor&& other) noexcept;
  Tensor& operator=(Tensor&& other) noexcept;
  Tensor(const Tensor&) = delete;
  Tensor& operator=(const Tensor&) = delete;
  ~Tensor() { dies(); }

  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(view_); }
  [[nodiscard]] const kernels::View& view() const { return view_; }
  [[nodiscard]] kernels::View rows(const Rows& rows) const { return kernels::rows_of(view_, rows.first, rows.count); }
  [[nodiscard]] const Label& label() const { return label_; }
  [[nodiscard]] Bytes bytes() const { return bytes_; }

  /// The end of the tensor's life; nothing where it has ended already.
  void dies() noexcept;

 private:
  friend class Memory;
  Tensor(Memory& memory, const Label& label, const kernels::View& view, Bytes bytes)
      : memory_(&memory), label_(label), view_(view), bytes_(bytes) {}

  Memory* memory_ = nullptr;
  Label label_{};
  kernels::View view_;
  Bytes bytes_;
};

}  // namespace headroom::measure
