#include "mutator.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

namespace headroom::test {
namespace {

const std::vector<std::string> kPieces{"{",
                                       "}",
                                       "[",
                                       "]",
                                       ",",
                                       ":",
                                       "\"",
                                       "\\",
                                       "\\u0000",
                                       "\\ud800",
                                       "null",
                                       "true",
                                       "NaN",
                                       "-Infinity",
                                       "1e999",
                                       "-",
                                       "0x10",
                                       "00",
                                       "1.0",
                                       "\n",
                                       "\xff",
                                       "\xef\xbb\xbf",
                                       "/*",
                                       "9999999999999999999999",
                                       "every:0",
                                       "%s%n",
                                       std::string(1, '\0')};

const std::vector<std::string> kNumbers{"0",
                                        "-1",
                                        "1",
                                        "2",
                                        "7",
                                        "1e999",
                                        "-1e308",
                                        "0.5",
                                        "1099511627776",
                                        "1099511627777",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "18446744073709551615",
                                        "99999999999999999999999999",
                                        "1e3",
                                        "\"12\"",
                                        "2147483648"};

/// Every node of a document, from the root down.
void collect(nlohmann::ordered_json& node, std::vector<nlohmann::ordered_json*>& nodes) {
  nodes.push_back(&node);
  if (!node.is_structured()) return;
  for (auto& child : node) collect(child, nodes);
}

/// With line ends, and whatever a mutation left of its characters.
std::string written(const nlohmann::ordered_json& document) {
  return document.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::ignore);
}

/// Around the ends of 64 bits too, without undefined behaviour.
std::int64_t wrapped_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// The document of a text, or a discarded one: where it is no JSON, or nested too deeply for writing it to be safe,
/// which is a recursion with large frames under the address sanitizer.
nlohmann::ordered_json parsed(const std::string& text) {
  constexpr std::int64_t kDeepest = 400;
  std::int64_t depth = 0, deepest = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if (c == ']' || c == '}') --depth;
  }
  return nlohmann::ordered_json::parse(deepest > kDeepest ? std::string() : text, nullptr, false);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string Mutator::mutated(const std::string& text) {
  std::string result = text;
  for (std::int64_t n = random_.between(1, 3); n > 0; --n) {
    Json document = parsed(result);
    const std::size_t kind = document.is_discarded() ? random_.below(3) : random_.below(12);
    switch (kind) {
      case 0: spoil_bytes(result); break;
      case 1: spoil_number(result); break;
      case 2: duplicate_line(result); break;
      case 3:
      case 4: spoil_key(document), result = written(document); break;
      default: spoil_value(document), result = written(document);
    }
  }
  return result;
}

void Mutator::spoil_bytes(std::string& text) {
  const std::size_t at = random_.below(text.size() + 1);
  const std::size_t length = random_.below(std::min<std::size_t>(text.size() - at, 40) + 1);
  switch (random_.below(6)) {
    case 0: text.insert(at, random_.one_of(kPieces)); break;
    case 1: text.erase(at, length); break;
    case 2: text.insert(at, text.substr(at, length)); break;
    case 3: text.resize(at); break;
    case 4: text.insert(at, static_cast<std::size_t>(random_.between(1, 200)), random_.one_of(kPieces).front()); break;
    default:
      if (at < text.size()) text[at] = static_cast<char>(random_.below(256));
  }
}

void Mutator::spoil_number(std::string& text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i]) && (i == 0 || !is_digit(text[i - 1]))) starts.push_back(i);
  }
  if (starts.empty()) return spoil_bytes(text);
  const std::size_t start = random_.one_of(starts);
  std::size_t end = start;
  while (end < text.size() && is_digit(text[end])) ++end;
  text.replace(start, end - start, random_.one_of(kNumbers));
}

/// A key that appears twice, where the text has a line for each key.
void Mutator::duplicate_line(std::string& text) {
  const std::size_t at = random_.below(text.size() + 1);
  const std::size_t begin = text.find('\n', at);
  if (begin == std::string::npos) return;
  const std::size_t end = text.find('\n', begin + 1);
  if (end == std::string::npos) return;
  text.insert(end, text.substr(begin, end - begin));
}

void Mutator::spoil_value(Json& document) {
  Json& node = any_node(document);
  switch (random_.below(6)) {
    case 0: node = strange_value(); break;
    case 1: node = nested(node); break;
    case 2: {
      Json other = any_node(document);
      node = std::move(other);
      break;
    }
    default: node = near(node);
  }
}

void Mutator::spoil_key(Json& document) {
  Json* object = any_object(document);
  if (object == nullptr || object->empty()) return;
  auto entry = std::next(object->begin(), static_cast<std::ptrdiff_t>(random_.below(object->size())));
  std::string key = entry.key();
  const Json value = entry.value();
  const std::size_t kind = random_.below(3);
  if (kind != 2) object->erase(key);
  if (kind == 0) return;
  if (!key.empty() && random_.chance(50)) key.erase(random_.below(key.size()), 1);
  (*object)[key + random_.one_of(std::vector<std::string>{"", "s", "_", " ", "\t", std::string(5000, 'k')})] = value;
}

nlohmann::ordered_json& Mutator::any_node(Json& document) {
  std::vector<Json*> nodes;
  collect(document, nodes);
  return *random_.one_of(nodes);
}

nlohmann::ordered_json* Mutator::any_object(Json& document) {
  std::vector<Json*> nodes;
  collect(document, nodes);
  nodes.erase(std::remove_if(nodes.begin(), nodes.end(), [](const Json* node) { return !node->is_object(); }),
              nodes.end());
  return nodes.empty() ? nullptr : random_.one_of(nodes);
}

nlohmann::ordered_json Mutator::strange_value() {
  static const std::vector<Json> kValues{nullptr,
                                         true,
                                         false,
                                         0,
                                         -1,
                                         1,
                                         0.5,
                                         -0.0,
                                         1e19,
                                         1e308,
                                         -1e308,
                                         std::int64_t{1} << 31,
                                         std::int64_t{1} << 40,
                                         (std::int64_t{1} << 40) + 1,
                                         std::numeric_limits<std::int64_t>::max(),
                                         std::numeric_limits<std::int64_t>::min(),
                                         std::numeric_limits<std::uint64_t>::max(),
                                         "",
                                         "\n\t\x01",
                                         "every:0",
                                         "every:7",
                                         std::string(10000, 'x'),
                                         "\xc3\xa9\xe2\x82\xac",
                                         Json::array(),
                                         Json::object(),
                                         Json::array({0}),
                                         Json::array({1, 0, 1})};
  return random_.one_of(kValues);
}

/// Another value of the same type.
nlohmann::ordered_json Mutator::near(const Json& value) {
  if (value.is_boolean()) return !value.get<bool>();
  if (value.is_number_integer()) {
    const std::int64_t n = value.get<std::int64_t>();
    static const std::vector<std::int64_t> kFactors{2, 3, 5, 16, 1000, 1 << 20};
    if (random_.chance(30)) return wrapped_sum(n, random_.between(-2, 2));
    if (random_.chance(40)) return random_.between(1, 64);
    const std::int64_t factor = random_.one_of(kFactors);
    return n < 0 || n > std::numeric_limits<std::int64_t>::max() / factor ? n / factor : n * factor;
  }
  if (value.is_string()) {
    std::string text = value.get<std::string>();
    if (!text.empty() && random_.chance(50)) text.erase(random_.below(text.size()), 1);
    return random_.chance(80) ? text : text + text;
  }
  if (value.is_array() && !value.empty()) {
    Json list = value;
    if (random_.chance(50)) list.push_back(list[random_.below(list.size())]);
    if (random_.chance(40)) list.erase(list.begin() + static_cast<std::ptrdiff_t>(random_.below(list.size())));
    return list;
  }
  return value;
}

nlohmann::ordered_json Mutator::nested(Json value) {
  for (std::int64_t levels = random_.between(1, 100); levels > 0; --levels) {
    Json outer = random_.chance(50) ? Json::array() : Json::object();
    if (outer.is_array())
      outer.push_back(std::move(value));
    else
      outer["level"] = std::move(value);
    value = std::move(outer);
  }
  return value;
}

}  // namespace headroom::test
