#include "live_tensor.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace headroom::sim {
namespace {

/// What stands in the shape for its symbol `c`; empty: the symbol itself.
std::string_view in_place_of(char c, std::string_view extent, const PartSymbols& parts) {
  switch (c) {
    case '#': return extent;
    case 'a': return parts.query;
    case 'k': return parts.key;
    case 'f': return parts.width;
    case 'v': return parts.vocabulary;
    case 'F': return parts.shared;
    default: return {};
  }
}

std::string formula(std::string_view shape, std::string_view extent, const PartSymbols* parts) {
  constexpr PartSymbols kAll;
  std::string text;
  for (const char c : shape) {
    const std::string_view symbol = in_place_of(c, extent, parts != nullptr ? *parts : kAll);
    if (c == '#' || !symbol.empty()) {
      text += symbol;
    } else {
      text += c;
    }
  }
  return text;
}

std::string formula_of(const Tensor& tensor) {
  return formula(tensor.role->shape, tensor.extent.tokens, tensor.extent.parts);
}

/// Without the trailing ones that only fill the array.
std::vector<std::int64_t> shape_of(const Tensor& tensor) {
  std::size_t rank = tensor.shape.dims.size();
  while (rank > 1 && tensor.shape.dims[rank - 1] == 1) --rank;
  return {tensor.shape.dims.begin(), tensor.shape.dims.begin() + static_cast<std::ptrdiff_t>(rank)};
}

LiveTensor live_tensor(const TensorLevel::Entry& entry) {
  const Tensor& t = entry.tensor;
  return {t.role->name, formula_of(t), shape_of(t),           t.dtype,       t.category,
          entry.count,  t.bytes,       entry.count * t.bytes, t.role->source};
}

}  // namespace

std::string formula_of(const TimelineEvent& event) { return formula(event.shape, event.extent, event.parts); }

std::vector<LiveTensor> live_tensors(const TensorLevel& level) {
  std::vector<LiveTensor> result;
  for (const auto& entry : level.entries()) result.push_back(live_tensor(entry));
  std::stable_sort(result.begin(), result.end(),
                   [](const LiveTensor& a, const LiveTensor& b) { return a.total > b.total; });
  return result;
}

}  // namespace headroom::sim
