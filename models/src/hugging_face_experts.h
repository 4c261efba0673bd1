#pragma once

#include <optional>
#include <vector>

#include "hugging_face_config.h"
#include "hugging_face_family.h"

namespace headroom {

/// The experts of a config.json and the layers that have them: of those from `first` on every `step`-th, counted with
/// `offset`, and none of `dense`.
struct ExpertLayers {
  Experts experts;
  std::int64_t hidden = 0;  ///< width of each routed expert
  std::int64_t first = 0;
  std::int64_t step = 1;
  std::int64_t offset = 0;
  std::vector<std::int64_t> dense;

  [[nodiscard]] bool everywhere() const { return first == 0 && step == 1 && dense.empty(); }
  [[nodiscard]] bool at(std::int64_t layer) const;
};

/// Nothing for a model without experts. Throws InputError for a mixture of a family whose experts headroom cannot read.
[[nodiscard]] std::optional<ExpertLayers> expert_layers(HuggingFaceConfig& config, const HuggingFaceFamily& family);

}  // namespace headroom
