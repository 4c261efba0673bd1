#include "record_schema.h"

#include <cmath>

namespace headroom {
namespace {

double read_number(const nlohmann::json& json, const Place& place) {
  if (!json.is_number()) refuse_value(json, place, "a number");
  const auto value = json.get<double>();
  if (!std::isfinite(value)) refuse_value(json, place, "a finite number");
  return value;
}

}  // namespace

void read_value(const nlohmann::json& json, const Place& place, BytesByCategory& value) {
  FieldReader fields(json, place);
  for (const auto& category : values_of<Category>()) fields.optional(category.name, value[category.value]);
  fields.refuse_unknown_keys();
}

void read_value(const nlohmann::json& json, const Place& place, Seconds& value) {
  value.count = read_number(json, place);
}

void read_value(const nlohmann::json& json, const Place& place, Nats& value) { value.count = read_number(json, place); }

nlohmann::ordered_json write_value(const BytesByCategory& value) {
  FieldWriter fields;
  for (const auto& category : values_of<Category>()) {
    if (value[category.value] != Bytes(0)) fields.required(category.name, value[category.value]);
  }
  return fields.take();
}

nlohmann::ordered_json write_value(const Seconds& value) { return value.count; }
nlohmann::ordered_json write_value(const Nats& value) { return value.count; }

}  // namespace headroom
