#include <algorithm>
#include <limits>

#include <headroom/models/presets.h>

#include "fields.h"
#include "json_text.h"
#include "text.h"

namespace headroom {
namespace {

std::string_view kind_of(std::string_view tag) { return tag.substr(0, tag.find('/')); }

}  // namespace

void refuse_value(const nlohmann::json& json, const Place& place, std::string_view accepted) {
  throw InputError(fmt::format("{} must be {}, not {}", place.text(), accepted, describe_json(json)));
}

FieldReader::FieldReader(const nlohmann::json& value, Place place) : object_(value), place_(std::move(place)) {
  if (!value.is_object()) refuse_value(value, place_, "a JSON object");
}

const nlohmann::json* FieldReader::find(std::string_view key) {
  known_.push_back(key);
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void FieldReader::tag(std::string_view tag) {
  const bool is_whole_file = place_.path.empty();
  std::string found(is_whole_file ? "" : tag);
  optional("headroom", found);
  if (found == tag) return;
  const std::string problem = found.empty() ? "does not say what it is" : "says \"headroom\": " + in_quotes(found);
  const char* advice = kind_of(found) == kind_of(tag) ? "; another version of headroom wrote it" : "";
  throw InputError(fmt::format("{} {}; expected is \"headroom\": \"{}\"{}", place_.text(), problem, tag, advice));
}

void FieldReader::refuse_missing(std::string_view key) const {
  throw InputError(fmt::format("{}: the key '{}' is missing", place_.text(), key));
}

void FieldReader::refuse_unknown_keys() const {
  for (const auto& item : object_.items()) {
    if (std::find(known_.begin(), known_.end(), item.key()) != known_.end()) continue;
    const std::string_view nearest = nearest_name(item.key(), known_);
    const std::string hint = nearest.empty() ? fmt::format("known are {}", fmt::join(known_, ", "))
                                             : fmt::format("did you mean '{}'?", nearest);
    throw InputError(fmt::format("{}: unknown key {}; {}", place_.text(), in_quotes(item.key()), hint));
  }
}

void read_value(const nlohmann::json& json, const Place& place, std::int64_t& value) {
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const bool fits = json.is_number_integer() && !(json.is_number_unsigned() && json.get<std::uint64_t>() > kLargest);
  if (!fits) refuse_value(json, place, "a whole number below 2^63");
  value = json.get<std::int64_t>();
}

void read_value(const nlohmann::json& json, const Place& place, bool& value) {
  if (!json.is_boolean()) refuse_value(json, place, "true or false");
  value = json.get<bool>();
}

void read_value(const nlohmann::json& json, const Place& place, std::string& value) {
  if (!json.is_string()) refuse_value(json, place, "a text");
  value = json.get<std::string>();
}

}  // namespace headroom
