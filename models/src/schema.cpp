#include <headroom/models/format.h>
#include <headroom/models/presets.h>

#include "schema.h"

namespace headroom {
namespace {

/// Calls `function`; an InputError gets the place in front.
template <class Function>
auto with_place(const Place& place, Function function) {
  try {
    return function();
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", place.text(), error.what()));
  }
}

/// A preset's name, or an object with a value that holds together.
template <class T, class Preset>
void read_preset_or_object(const nlohmann::json& json, const Place& place, T& value, Preset preset) {
  if (json.is_string()) {
    value = with_place(place, [&] { return preset(json.get<std::string>()); });
    return;
  }
  read_object(json, place, value);
  with_place(place, [&] { validate(value); });
}

template <class T, class Parse>
void parse_text(const nlohmann::json& json, const Place& place, T& value, Parse parse) {
  value = parse(json.is_string() ? json.get<std::string>() : json.dump(), place.text());
}

}  // namespace

void read_value(const nlohmann::json& json, const Place& place, Bytes& value) {
  std::int64_t count = 0;
  read_value(json, place, count);
  value = Bytes(count);
}

void read_value(const nlohmann::json& json, const Place& place, Tokens& value) {
  if (json == 0) {
    value = Tokens(0);
  } else {
    parse_text(json, place, value, parse_tokens);
  }
}

void read_value(const nlohmann::json& json, const Place& place, Chunk& value) {
  parse_text(json, place, value, parse_chunk);
}

void read_value(const nlohmann::json& json, const Place& place, Recompute& value) {
  parse_text(json, place, value, parse_recompute);
}

void read_value(const nlohmann::json& json, const Place& place, Rational& value) {
  constexpr int kMostDecimals = 6;
  // Within these bounds the shortest text that reads back as the same number has no exponent.
  if (!json.is_number() || json.get<double>() < 1e-4 || json.get<double>() >= 1e6) {
    refuse_value(json, place, "a number from 0.0001 to below 10^6");
  }
  const Decimal decimal = parse_decimal(json.dump(), place.text());
  if (decimal.decimals > kMostDecimals) refuse_value(json, place, "a number with at most six decimals");
  value = decimal.value;
}

nlohmann::ordered_json write_value(Bytes value) { return value.count(); }
nlohmann::ordered_json write_value(Tokens value) { return value.count(); }
nlohmann::ordered_json write_value(const Rational& value) { return value.approximate(); }
nlohmann::ordered_json write_value(const Recompute& value) { return format_recompute(value); }

nlohmann::ordered_json write_value(const Chunk& value) {
  if (value.rule == ChunkRule::tokens) return value.tokens.count();
  return name_of(value.rule);
}

void read_value(const nlohmann::json& json, const Place& place, Transformer& value) {
  read_preset_or_object(json, place, value, model_preset);
}

void read_value(const nlohmann::json& json, const Place& place, Device& value) {
  read_preset_or_object(json, place, value, device_preset);
}

void read_value(const nlohmann::json& json, const Place& place, Method& value) {
  const auto preset = [&place](const std::string& name) {
    return with_place(place, [&name] { return method_preset(name).method; });
  };
  if (json.is_string()) {
    value = preset(json.get<std::string>());
    return;
  }
  std::string name;
  FieldReader(json, place).optional("name", name);
  value = preset(name.empty() ? "vanilla" : name);
  value.name = name;
  read_object(json, place, value);
}

}  // namespace headroom
