#include "operand.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <utility>

namespace headroom::test {

namespace {

constexpr std::int64_t kMargin = 2;

/// Rounds to the nearest of the two bf16 neighbours; the even one where both are equally near.
std::uint16_t to_bf16(double value) {
  const auto low = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16U);
  const auto widen = [](std::uint16_t b) {
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(b) << 16U));
  };
  const auto high = static_cast<std::uint16_t>(low + 1);
  const double below = std::abs(value - widen(low)), above = std::abs(widen(high) - value);
  if (below == above) return low % 2 == 0 ? low : high;
  return below < above ? low : high;
}

void store(Type type, std::byte* to, double value) {
  const auto put = [to](auto v) { std::memcpy(to, &v, sizeof v); };
  switch (type) {
    case Type::fp32: return put(static_cast<float>(value));
    case Type::bf16: return put(to_bf16(value));
    case Type::int32: return put(static_cast<std::int32_t>(value));
    case Type::uint8: return put(static_cast<std::uint8_t>(value));
  }
}

template <class T>
T get(const std::byte* from) {
  T value{};
  std::memcpy(&value, from, sizeof value);
  return value;
}

double load(Type type, const std::byte* from) {
  switch (type) {
    case Type::fp32: return static_cast<double>(get<float>(from));
    case Type::bf16:
      return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(get<std::uint16_t>(from)) << 16U));
    case Type::int32: return get<std::int32_t>(from);
    case Type::uint8: return get<std::uint8_t>(from);
  }
  return 0;
}

/// body(entry, row, column) in the order of Values.
template <class Body>
void for_each(const Shape& shape, const Body& body) {
  for (std::int64_t b = 0; b < shape.batch; ++b) {
    for (std::int64_t r = 0; r < shape.rows; ++r) {
      for (std::int64_t w = 0; w < shape.width; ++w) body(b, r, w);
    }
  }
}

}  // namespace

Operand::Operand(Device& device, Type type, Shape shape, Place place)
    : device_(&device), type_(type), shape_(shape), margin_(place == Place::chunk ? kMargin : 0) {
  const std::vector<std::byte> poison(at(shape.batch, 0, 0), std::byte{0xFF});
  memory_ = device.allocate(poison.size());
  device.upload(memory_, poison.data(), poison.size());
}

Operand::Operand(Operand&& other) noexcept
    : device_(other.device_),
      type_(other.type_),
      shape_(other.shape_),
      margin_(other.margin_),
      memory_(std::exchange(other.memory_, nullptr)) {}

Operand::~Operand() {
  if (memory_ != nullptr) device_->release(memory_);
}

std::size_t Operand::at(std::int64_t entry, std::int64_t row, std::int64_t column) const {
  return static_cast<std::size_t>(((entry * whole_rows() + row) * shape_.width + column) * kernels::size_of(type_));
}

std::vector<std::byte> Operand::bytes() const {
  std::vector<std::byte> bytes(at(shape_.batch, 0, 0));
  device_->backend().synchronize();
  device_->download(bytes.data(), memory_, bytes.size());
  return bytes;
}

Operand& Operand::set(const Values& values) {
  std::vector<std::byte> all = bytes();
  std::size_t next = 0;
  for_each(shape_, [&](std::int64_t b, std::int64_t r, std::int64_t w) {
    store(type_, all.data() + at(b, r + margin_, w), values.at(next++));
  });
  device_->upload(memory_, all.data(), all.size());
  return *this;
}

Operand& Operand::random(unsigned seed, double scale) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(-scale, scale);
  Values values(shape_.size());
  for (double& value : values) value = uniform(generator);
  return set(values);
}

View Operand::view() const {
  const View whole = kernels::whole_view(memory_, type_, shape_.batch, whole_rows(), shape_.width);
  return kernels::rows_of(whole, margin_, shape_.rows);
}

Values Operand::values() const {
  const std::vector<std::byte> all = bytes();
  Values values;
  for_each(shape_, [&](std::int64_t b, std::int64_t r, std::int64_t w) {
    values.push_back(load(type_, all.data() + at(b, r + margin_, w)));
  });
  return values;
}

bool Operand::surroundings_untouched() const {
  const std::vector<std::byte> all = bytes();
  for (std::int64_t b = 0; b < shape_.batch; ++b) {
    for (std::size_t i = at(b, 0, 0); i < at(b + 1, 0, 0); ++i) {
      const bool inside = i >= at(b, margin_, 0) && i < at(b, margin_ + shape_.rows, 0);
      if (!inside && all[i] != std::byte{0xFF}) return false;
    }
  }
  return true;
}

Operand random_operand(Type type, Shape shape, unsigned seed, Place place, double scale) {
  Operand operand(device(), type, shape, place);
  operand.random(seed, scale);
  return operand;
}

}  // namespace headroom::test
