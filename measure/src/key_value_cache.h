#pragma once

#include <vector>

#include "attention.h"
#include "core_site.h"

namespace headroom::measure {

/// What every token leaves for those behind it (docs/runtime.md section 13): of each layer keys and values, or latents
/// with rope keys behind them; a row for every token of the sequence, or where a window is shorter than that as many as
/// it spans, token i in row i modulo their number.
class KeyValueCache {
 public:
  /// Births it for every sequence of the job, layer by layer; `kinds` have the heads that the rank has.
  void birth(Memory& memory, const Job& job, const std::vector<const LayerKind*>& kinds);

  /// k, then v go into the cache, unless latents have gone there; where the core reads the cache, they die. Returns
  /// what the core works on; what it reads are then the state's keys and values.
  [[nodiscard]] CoreSite take(const LayerSite& site, AttentionState& state) const;
  /// Where the latents and rope keys of some rows of the pass go.
  [[nodiscard]] kernels::View rows_of_latents(const LayerSite& site, const Rows& rows) const;

 private:
  struct OfLayer {
    Tensor keys;  ///< or latents
    Tensor values;
  };

  [[nodiscard]] const OfLayer& layer_of(const LayerSite& site) const {
    return layers_[static_cast<std::size_t>(site.index)];
  }

  std::vector<OfLayer> layers_;
};

/// What the layer's core works on, behind the births of the pass's k and v, where they span the pass: these, or what a
/// cache has.
[[nodiscard]] CoreSite core_site_of(const LayerSite& site, AttentionState& state);

}  // namespace headroom::measure
