#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <headroom/models/error.h>

#include "json_text.h"
#include "text.h"

namespace headroom {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDepth = 64;

/// A dry run over the text: everything it lets pass can be parsed into a value and walked without surprises.
class Checker : public Json::json_sax_t {
 public:
  Checker(std::string_view text, const std::string& origin) : text_(text), origin_(origin) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }
  bool start_object(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }

  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    throw InputError(fmt::format("{}: the key {} appears twice in one object", origin_, in_quotes(name)));
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    const std::string_view before = text_.substr(0, std::min(position, text_.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') + 1;
    throw InputError(fmt::format("{} is not valid JSON: see line {}, column {}", origin_, line,
                                 std::max<std::size_t>(1, before.size() - line_start)));
  }

 private:
  bool enter() {
    if (keys_.size() == kMaxDepth) throw InputError(fmt::format("{} is nested deeper than {}", origin_, kMaxDepth));
    keys_.emplace_back();
    return true;
  }
  bool leave() {
    keys_.pop_back();
    return true;
  }

  std::string_view text_;
  const std::string& origin_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Json parse_json_text(std::string_view text, const std::string& origin) {
  Checker checker(text, origin);
  Json::sax_parse(text, &checker);
  return Json::parse(text);
}

std::string describe_json(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null: return "null";
    case Json::value_t::boolean: return value.get<bool>() ? "true" : "false";
    case Json::value_t::object: return "an object";
    case Json::value_t::array: return "a list";
    case Json::value_t::string: return "the text " + in_quotes(value.get_ref<const std::string&>());
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float: return "the number " + value.dump();
    case Json::value_t::binary:
    case Json::value_t::discarded: break;
  }
  return "something else";
}

}  // namespace headroom
