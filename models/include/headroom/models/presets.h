#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/device.h>
#include <headroom/models/job.h>
#include <headroom/models/method.h>
#include <headroom/models/transformer.h>

namespace headroom {

/// Names of the presets compiled into the library, in the order they are listed to people.
[[nodiscard]] std::vector<std::string_view> model_names();
[[nodiscard]] std::vector<std::string_view> device_names();
[[nodiscard]] std::vector<std::string_view> method_names();
/// The methods that differ on such ranks: on one sequence rank those that share no sequence, on several those that do;
/// Megatron-SP where there are tensor ranks.
[[nodiscard]] std::vector<std::string_view> methods_on(const Degrees& degrees);

/// A preset by name, upper and lower case alike. Throws InputError that suggests the nearest name.
[[nodiscard]] Transformer model_preset(std::string_view name);
[[nodiscard]] Device device_preset(std::string_view name);
[[nodiscard]] const MethodPreset& method_preset(std::string_view name);

/// The candidate with the smallest edit distance to `given`, or empty when none is near.
[[nodiscard]] std::string_view nearest_name(std::string_view given, const std::vector<std::string_view>& candidates);

}  // namespace headroom
