#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "random.h"

namespace headroom::test {

/// Spoils texts: bytes without regard to what they mean, and JSON documents as somebody might get them wrong.
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  /// One to three mutations of `text`, of its bytes or, where it is JSON, of its values, keys and nesting.
  [[nodiscard]] std::string mutated(const std::string& text);

 private:
  using Json = nlohmann::ordered_json;

  void spoil_bytes(std::string& text);
  void spoil_number(std::string& text);
  void duplicate_line(std::string& text);
  void spoil_value(Json& document);
  void spoil_key(Json& document);
  [[nodiscard]] Json& any_node(Json& document);
  [[nodiscard]] Json* any_object(Json& document);
  [[nodiscard]] Json strange_value();
  [[nodiscard]] Json near(const Json& value);
  [[nodiscard]] Json nested(Json value);

  Random random_;
};

}  // namespace headroom::test
