#include "key_value_source.h"

namespace headroom::measure {
namespace {

class OwnKeyValues : public KeyValueSource {
 public:
  [[nodiscard]] CoreSite take(const LayerSite& site, AttentionState&) const override { return site.core_site(); }
};

}  // namespace

const KeyValueSource& own_key_values() {
  static const OwnKeyValues source;
  return source;
}

}  // namespace headroom::measure
