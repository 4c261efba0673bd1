#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/rational.h>

#include "fields.h"

namespace headroom {

/// The fields of a config.json under the several names that families give them. Null counts as left out.
class HuggingFaceConfig {
 public:
  HuggingFaceConfig(const nlohmann::json& json, Place place) : json_(json), fields_(json, std::move(place)) {}

  [[nodiscard]] const Place& place() const { return fields_.place(); }
  [[nodiscard]] const nlohmann::json* find(std::string_view key) { return fields_.find(key); }
  /// Whether the key is written down, be it as null.
  [[nodiscard]] bool mentions(std::string_view key) const { return json_.contains(key); }

  /// The first of `keys` that is there, between 1 and 2^40. Throws InputError when it is not.
  [[nodiscard]] std::optional<std::int64_t> optional_size(std::initializer_list<std::string_view> keys);
  /// The same; throws InputError when none is there.
  [[nodiscard]] std::int64_t size(std::initializer_list<std::string_view> keys);
  /// A number that may be 0, as it is where it is left out. Throws InputError for one below 0 or above 2^40.
  [[nodiscard]] std::int64_t count(std::string_view key);
  [[nodiscard]] std::vector<std::int64_t> counts(std::string_view key);
  /// The first of `keys` that is there, a number of at most six decimals.
  [[nodiscard]] Rational fraction(std::initializer_list<std::string_view> keys, const Rational& otherwise);
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  [[nodiscard]] bool flag(std::string_view key, bool otherwise);
  /// The first of `keys` that is there.
  [[nodiscard]] std::string text(std::initializer_list<std::string_view> keys, std::string_view otherwise);

 private:
  const nlohmann::json& json_;
  FieldReader fields_;
};

}  // namespace headroom
