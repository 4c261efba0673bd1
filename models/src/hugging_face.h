#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <headroom/models/read.h>

namespace headroom {

/// A model from the fields of a Hugging Face config.json. Fields that change no size are ignored; a family that
/// headroom does not know is read from the standard fields, with a note. Throws InputError for what it would get wrong.
[[nodiscard]] Read<Transformer> parse_hugging_face(const nlohmann::json& json, const std::string& origin);

}  // namespace headroom
