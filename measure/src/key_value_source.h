#pragma once

#include "attention.h"
#include "core_site.h"

namespace headroom::measure {

/// Where an attention core has its keys and values from: the pass's own, or in inference a cache. One object a way.
class KeyValueSource {
 public:
  KeyValueSource() = default;
  KeyValueSource(const KeyValueSource&) = delete;
  KeyValueSource& operator=(const KeyValueSource&) = delete;
  virtual ~KeyValueSource() = default;

  /// Behind the births of the pass's k and v, where they span the pass. Returns what the core works on; what it reads
  /// are then the state's keys and values.
  [[nodiscard]] virtual CoreSite take(const LayerSite& site, AttentionState& state) const = 0;
};

/// Those of the pass, as they are.
[[nodiscard]] const KeyValueSource& own_key_values();

}  // namespace headroom::measure
