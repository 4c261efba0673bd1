#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <headroom/models/error.h>
#include <headroom/models/named.h>

#include "place.h"

namespace headroom {

/// The keys of a JSON object, read one by one. A type's describe() (schema.h) names its keys once and runs over a
/// FieldReader or a FieldWriter, so both know the same keys.
class FieldReader {
 public:
  /// Throws InputError when `value` is no object.
  FieldReader(const nlohmann::json& value, Place place);

  [[nodiscard]] const Place& place() const { return place_; }
  /// The value under `key`, or null when it is missing or JSON's null.
  [[nodiscard]] const nlohmann::json* find(std::string_view key);

  /// Throws InputError unless the object says `"headroom": tag`; an object inside another may leave the key out.
  void tag(std::string_view tag);
  /// Throws InputError when the key is missing or null.
  template <class T>
  void required(std::string_view key, T& value);
  /// Leaves `value` alone when the key is missing or null.
  template <class T>
  void optional(std::string_view key, T& value);
  /// A key that is welcome and read by somebody else.
  void ignored(std::string_view key) { known_.push_back(key); }

  /// Throws InputError for the first key that nobody asked for, with the nearest name.
  void refuse_unknown_keys() const;

 private:
  [[noreturn]] void refuse_missing(std::string_view key) const;

  const nlohmann::json& object_;
  Place place_;
  std::vector<std::string_view> known_;
};

[[nodiscard]] inline nlohmann::ordered_json write_value(std::int64_t value) { return value; }
[[nodiscard]] inline nlohmann::ordered_json write_value(bool value) { return value; }
[[nodiscard]] inline nlohmann::ordered_json write_value(const std::string& value) { return value; }

template <class Enum>
requires std::is_enum_v<Enum>
[[nodiscard]] nlohmann::ordered_json write_value(Enum value) { return name_of(value); }

template <class T>
[[nodiscard]] nlohmann::ordered_json write_value(const std::vector<T>& values) {
  auto list = nlohmann::ordered_json::array();
  for (const T& value : values) list.push_back(write_value(value));
  return list;
}

/// The keys of a JSON object, written in the order of describe(). Empty text and absent optionals are left out.
class FieldWriter {
 public:
  void tag(std::string_view tag) { object_["headroom"] = tag; }
  template <class T>
  void required(std::string_view key, const T& value) {
    object_[std::string(key)] = write_value(value);
  }
  template <class T>
  void optional(std::string_view key, const T& value) {
    required(key, value);
  }
  template <class T>
  void optional(std::string_view key, const std::optional<T>& value) {
    if (value) required(key, *value);
  }
  void optional(std::string_view key, const std::string& value) {
    if (!value.empty()) required<std::string>(key, value);
  }
  void ignored(std::string_view) {}

  [[nodiscard]] nlohmann::ordered_json take() { return std::move(object_); }

 private:
  nlohmann::ordered_json object_ = nlohmann::ordered_json::object();
};

/// Throws InputError: `place` must be `accepted` and holds `json`.
[[noreturn]] void refuse_value(const nlohmann::json& json, const Place& place, std::string_view accepted);

void read_value(const nlohmann::json& json, const Place& place, std::int64_t& value);
void read_value(const nlohmann::json& json, const Place& place, bool& value);
void read_value(const nlohmann::json& json, const Place& place, std::string& value);

template <class Enum>
requires std::is_enum_v<Enum>
void read_value(const nlohmann::json& json, const Place& place, Enum& value) {
  std::string name;
  read_value(json, place, name);
  value = value_of<Enum>(name, place.text());
}

template <class T>
void read_value(const nlohmann::json& json, const Place& place, std::optional<T>& value) {
  T present{};
  read_value(json, place, present);
  value = present;
}

template <class T>
void read_value(const nlohmann::json& json, const Place& place, std::vector<T>& value) {
  if (!json.is_array()) refuse_value(json, place, "a list");
  value.assign(json.size(), T{});
  for (std::size_t i = 0; i < json.size(); ++i) read_value(json[i], place.item(i), value[i]);
}

template <class T>
void FieldReader::required(std::string_view key, T& value) {
  const nlohmann::json* json = find(key);
  if (json == nullptr) refuse_missing(key);
  read_value(*json, place_.member(key), value);
}

template <class T>
void FieldReader::optional(std::string_view key, T& value) {
  if (const nlohmann::json* json = find(key)) read_value(*json, place_.member(key), value);
}

}  // namespace headroom
