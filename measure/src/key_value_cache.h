#pragma once

#include <vector>

#include "key_value_source.h"

namespace headroom::measure {

/// What every token leaves for those behind it (docs/runtime.md section 13): of each layer keys and values, a row for
/// every token of the sequence, or where a window is shorter than that as many as it spans, token i in row i modulo
/// their number.
class KeyValueCache : public KeyValueSource {
 public:
  /// Births it for every sequence of the job, layer by layer; `kinds` have the heads that the rank has.
  void birth(Memory& memory, const Job& job, const std::vector<const LayerKind*>& kinds);

  /// k, then v go into the cache; where the cores read it, they die.
  [[nodiscard]] CoreSite take(const LayerSite& site, AttentionState& state) const override;

 private:
  struct OfLayer {
    Tensor keys;
    Tensor values;
  };

  std::vector<OfLayer> layers_;
};

}  // namespace headroom::measure
