#pragma once

#include <string>
#include <string_view>

#include "hugging_face_config.h"
#include "hugging_face_family.h"

namespace headroom {

/// A layer of full attention and a dense feed-forward, as the config and its family have it.
[[nodiscard]] LayerKind layer_kind(HuggingFaceConfig& config, const HuggingFaceFamily& family, std::int64_t hidden);

/// The activation under the keys of all families.
[[nodiscard]] std::string activation_name(HuggingFaceConfig& config, std::string_view otherwise);

}  // namespace headroom
