#include "live_tensor.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace headroom::sim {
namespace {

/// The shape's symbols with the extent's in the place of '#', and those of a share of the heads in the place of a and
/// k.
std::string formula(std::string_view shape, std::string_view extent, std::string_view heads,
                    std::string_view kv_heads) {
  std::string text;
  for (const char c : shape) {
    const std::string_view symbol = c == '#' ? extent : c == 'a' ? heads : c == 'k' ? kv_heads : std::string_view();
    if (c == '#' || !symbol.empty()) {
      text += symbol;
    } else {
      text += c;
    }
  }
  return text;
}

std::string formula_of(const Tensor& tensor) {
  const HeadSymbols heads = tensor.extent.heads != nullptr ? *tensor.extent.heads : HeadSymbols{"", ""};
  return formula(tensor.role->shape, tensor.extent.tokens, heads.query, heads.key);
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

std::string formula_of(const TimelineEvent& event) {
  return formula(event.shape, event.extent, event.heads, event.kv_heads);
}

std::vector<LiveTensor> live_tensors(const TensorLevel& level) {
  std::vector<LiveTensor> result;
  for (const auto& entry : level.entries()) result.push_back(live_tensor(entry));
  std::stable_sort(result.begin(), result.end(),
                   [](const LiveTensor& a, const LiveTensor& b) { return a.total > b.total; });
  return result;
}

}  // namespace headroom::sim
