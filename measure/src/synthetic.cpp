#include "synthetic.h"

#include <algorithm>
#include <array>
#include <bit>
#include <future>
#include <thread>
#include <vector>

namespace headroom::measure {
namespace {

constexpr std::int64_t kStaged = 8192;
constexpr std::int64_t kWorthAThread = std::int64_t{1} << 20;
constexpr std::uint64_t kTokenStream = std::uint64_t{1} << 63U;

/// Uploads the elements [first, end) that `make` returns, over a small buffer.
template <class Element, class Make>
void fill_range(Resource& resource, const kernels::View& to, std::int64_t first, std::int64_t end, const Make& make) {
  std::array<Element, kStaged> staged{};
  for (; first < end; first += kStaged) {
    const std::int64_t count = std::min(kStaged, end - first);
    for (std::int64_t i = 0; i < count; ++i) staged[static_cast<std::size_t>(i)] = make(first + i);
    resource.upload(static_cast<Element*>(to.data) + first, staged.data(),
                    count * static_cast<std::int64_t>(sizeof(Element)));
  }
}

/// Large tensors by as many threads as the machine has: a model's parameters are billions of elements. What a thread
/// throws is thrown again here.
template <class Element, class Make>
void fill(Resource& resource, const kernels::View& to, const Make& make) {
  const std::int64_t elements = to.elements();
  const std::int64_t most = std::max<std::int64_t>(std::thread::hardware_concurrency(), 1);
  const std::int64_t parts = std::clamp<std::int64_t>(elements / kWorthAThread, 1, most);
  const std::int64_t length = (elements + parts - 1) / parts;
  const auto fill_part = [&](std::int64_t part) {
    fill_range<Element>(resource, to, part * length, std::min((part + 1) * length, elements), make);
  };
  std::vector<std::future<void>> others;
  for (std::int64_t part = 1; part < parts; ++part) {
    others.push_back(std::async(std::launch::async, fill_part, part));
  }
  fill_part(0);
  for (std::future<void>& other : others) other.get();
}

/// In [-1, 1).
float even(std::uint64_t seed, std::int64_t index) {
  return static_cast<float>(kernels::random_bits(seed, static_cast<std::uint64_t>(index))) / 2147483648.0F - 1.0F;
}

/// The upper half of the fp32 pattern, rounded to nearest even.
std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U);
}

std::int32_t token(const Run& run, std::int64_t index) {
  const auto counter = static_cast<std::uint64_t>(index);
  const std::uint32_t bits = kernels::random_bits(run.training.seed ^ kTokenStream, counter);
  return static_cast<std::int32_t>(bits % static_cast<std::uint64_t>(run.job.model.vocab));
}

}  // namespace

void fill_tokens(const Run& run, const Tensor& ids, std::int64_t first_sequence, std::int64_t shift) {
  const TokenRun& tokens = run.place.product_tokens;
  fill<std::int32_t>(run.memory.resource(), ids.view(), [&](std::int64_t element) {
    const std::int64_t sequence = first_sequence + element / tokens.count();
    // A sequence has one token more than it has places: the last one is only a target.
    return token(run, sequence * (run.whole_seq() + 1) + tokens.token(element % tokens.count()) + shift);
  });
}

void fill_initial(Memory& memory, const kernels::View& to, std::int64_t first, const Parameter& parameter,
                  std::uint64_t seed, std::uint64_t number) {
  const std::uint64_t stream = static_cast<std::uint64_t>(kernels::random_bits(seed, number)) << 32U | number;
  const auto value = [&](std::int64_t i) {
    const std::optional<std::int64_t> element = parameter.element_of_whole(first + i);
    return element ? parameter.initial.base + parameter.initial.spread * even(stream, *element) : 0;
  };
  if (to.type == kernels::Type::bf16) {
    fill<std::uint16_t>(memory.resource(), to, [&](std::int64_t i) { return to_bf16(value(i)); });
  } else {
    fill<float>(memory.resource(), to, value);
  }
}

}  // namespace headroom::measure
