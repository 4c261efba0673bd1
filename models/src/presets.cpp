#include <map>
#include <mutex>

#include <headroom/models/presets.h>

#include "preset_source.h"
#include "schema.h"

namespace headroom {
namespace {

/// Without the checks of parse_json_text, which a test makes on every file: this is most of a short query's time.
template <class T>
T parse_preset(const PresetSource& source) {
  T value;
  read_object(nlohmann::json::parse(source.json), Place{source.name, {}}, value);
  return value;
}

const PresetSource& preset_named(std::span<const PresetSource> presets, std::string_view what, std::string_view name) {
  const PresetSource* source = find_preset(presets, name);
  if (source == nullptr) throw_unknown_preset(presets, what, name);
  return *source;
}

}  // namespace

std::vector<std::string_view> model_names() { return names_of(transformers_presets()); }
std::vector<std::string_view> device_names() { return names_of(hardware_presets()); }
std::vector<std::string_view> method_names() { return names_of(methods_presets()); }

std::vector<std::string_view> methods_on(const Degrees& degrees) {
  std::vector<std::string_view> names = method_names();
  std::erase_if(names, [&degrees](std::string_view name) {
    const SequenceDistribution sequence = method_preset(name).method.sequence;
    if (sequence == SequenceDistribution::megatron_sp) return degrees.tensor == 1 || degrees.sequence > 1;
    return (sequence != SequenceDistribution::none) != (degrees.sequence > 1);
  });
  return names;
}

Transformer model_preset(std::string_view name) {
  return parse_preset<Transformer>(preset_named(transformers_presets(), "model", name));
}

Device device_preset(std::string_view name) {
  return parse_preset<Device>(preset_named(hardware_presets(), "hardware", name));
}

const MethodPreset& method_preset(std::string_view name) {
  static std::mutex mutex;
  static std::map<const PresetSource*, MethodPreset> parsed;
  const PresetSource& source = preset_named(methods_presets(), "method", name);
  const std::lock_guard lock(mutex);
  const auto [entry, is_new] = parsed.try_emplace(&source);
  if (is_new) entry->second = parse_preset<MethodPreset>(source);
  return entry->second;
}

}  // namespace headroom
