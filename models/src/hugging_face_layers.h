#pragma once

#include "hugging_face_config.h"
#include "hugging_face_family.h"

namespace headroom {

/// Fills model.kinds and model.layer_runs: `kind` for every layer, some of them behind a sliding window, as layer_types
/// says, or else as the family does it; some or all of them with experts.
void add_layers(HuggingFaceConfig& config, const HuggingFaceFamily& family, const LayerKind& kind, Transformer& model);

}  // namespace headroom
