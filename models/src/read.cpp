#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "hugging_face.h"
#include "json_text.h"
#include "read_named.h"
#include "schema.h"

namespace headroom {
namespace {

/// A validated value of headroom's own schema, at the top of a file.
template <class T>
Read<T> parse_own(const nlohmann::json& json, const std::string& origin) {
  T value;
  read_object(json, Place{origin, {}}, value);
  try {
    validate(value);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", origin, error.what()));
  }
  return {std::move(value), {}};
}

}  // namespace

Read<Transformer> parse_model(std::string_view text, const std::string& origin) {
  const nlohmann::json json = parse_json_text(text, origin);
  const bool is_own = json.is_object() && json.contains("headroom");
  return is_own ? parse_own<Transformer>(json, origin) : parse_hugging_face(json, origin);
}

Read<Device> parse_device(std::string_view text, const std::string& origin) {
  return parse_own<Device>(parse_json_text(text, origin), origin);
}

Read<Transformer> read_model(const std::string& name_or_path) {
  return read_named(transformers_presets(), "model", name_or_path, model_preset, parse_model);
}

Read<Device> read_device(const std::string& name_or_path) {
  return read_named(hardware_presets(), "hardware", name_or_path, device_preset, parse_device);
}

}  // namespace headroom
