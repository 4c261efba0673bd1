#include <headroom/models/transformer.h>

#include "hugging_face_config.h"
#include "schema.h"

namespace headroom {

std::optional<std::int64_t> HuggingFaceConfig::optional_size(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    std::optional<std::int64_t> value;
    fields_.optional(key, value);
    if (!value) continue;
    if (*value >= 1 && *value <= kMaxSize) return value;
    refuse_value(*fields_.find(key), fields_.place().member(key), "between 1 and 2^40");
  }
  return std::nullopt;
}

std::int64_t HuggingFaceConfig::size(std::initializer_list<std::string_view> keys) {
  if (const auto value = optional_size(keys)) return *value;
  throw InputError(fmt::format("{}: the key {} is missing", place().text(), fmt::join(keys, " or ")));
}

std::int64_t HuggingFaceConfig::count(std::string_view key) {
  std::int64_t value = 0;
  fields_.optional(key, value);
  if (value < 0 || value > kMaxSize) refuse_value(*fields_.find(key), fields_.place().member(key), "from 0 to 2^40");
  return value;
}

std::vector<std::int64_t> HuggingFaceConfig::counts(std::string_view key) {
  std::vector<std::int64_t> values;
  fields_.optional(key, values);
  return values;
}

Rational HuggingFaceConfig::fraction(std::initializer_list<std::string_view> keys, const Rational& otherwise) {
  Rational value = otherwise;
  for (const std::string_view key : keys) fields_.optional(key, value);
  return value;
}

std::vector<std::string> HuggingFaceConfig::texts(std::string_view key) {
  std::vector<std::string> values;
  fields_.optional(key, values);
  return values;
}

bool HuggingFaceConfig::flag(std::string_view key, bool otherwise) {
  fields_.optional(key, otherwise);
  return otherwise;
}

std::string HuggingFaceConfig::text(std::initializer_list<std::string_view> keys, std::string_view otherwise) {
  std::string value(otherwise);
  for (const std::string_view key : keys) {
    if (fields_.find(key) == nullptr) continue;
    fields_.required(key, value);
    break;
  }
  return value;
}

}  // namespace headroom
