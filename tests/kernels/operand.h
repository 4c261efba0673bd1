#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <headroom/kernels/view.h>

#include "device.h"

namespace headroom::test {

using kernels::ConstView;
using kernels::rows_of;
using kernels::Type;
using kernels::View;
using kernels::Write;

using Values = std::vector<double>;

struct Shape {
  std::int64_t batch = 1;
  std::int64_t rows = 1;
  std::int64_t width = 1;

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(batch * rows * width); }
};

/// Whether an operand is a tensor of its own or rows in the middle of a longer one.
enum class Place : std::uint8_t { whole, chunk };

/// A tensor on a device, filled with NaN (bytes 0xFF) at birth, around the chunk too.
class Operand {
 public:
  Operand(Device& device, Type type, Shape shape, Place place = Place::whole);
  Operand(const Operand&) = delete;
  Operand& operator=(const Operand&) = delete;
  Operand(Operand&& other) noexcept;
  Operand& operator=(Operand&&) = delete;
  ~Operand();

  /// Takes the values, rounded to the type.
  Operand& set(const Values& values);
  Operand& fill(double value) { return set(Values(shape_.size(), value)); }
  /// Uniform in [-scale, scale], rounded to the type.
  Operand& random(unsigned seed, double scale = 1);

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] View view() const;
  operator View() const { return view(); }
  operator ConstView() const { return view(); }
  /// What the device holds.
  [[nodiscard]] Values values() const;
  /// Whether the rows around a chunk are still as they were.
  [[nodiscard]] bool surroundings_untouched() const;

 private:
  [[nodiscard]] std::vector<std::byte> bytes() const;
  [[nodiscard]] std::int64_t whole_rows() const { return shape_.rows + 2 * margin_; }
  [[nodiscard]] std::size_t at(std::int64_t entry, std::int64_t row, std::int64_t column) const;

  Device* device_;
  Type type_;
  Shape shape_;
  std::int64_t margin_;
  void* memory_ = nullptr;
};

/// A random operand on the contract's device.
[[nodiscard]] Operand random_operand(Type type, Shape shape, unsigned seed, Place place = Place::whole,
                                     double scale = 1);

}  // namespace headroom::test
