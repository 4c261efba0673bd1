#include "expression.h"

#include <fmt/format.h>

#include <headroom/models/error.h>

namespace headroom::sim {
namespace {

constexpr int kDeepest = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Reader {
 public:
  Reader(std::string_view text, const SymbolValues& symbols) : text_(text), symbols_(symbols) {}

  Rational all() {
    const Rational value = sum();
    if (next() != '\0') refuse();
    return value;
  }

 private:
  Rational sum() {
    Rational value = take('-') ? Rational(-1) * product() : product();
    while (true) {
      if (take('+')) {
        value = value + product();
      } else if (take('-')) {
        value = value - product();
      } else {
        return value;
      }
    }
  }

  Rational product() {
    Rational value = power();
    while (true) {
      if (take('/')) {
        value = value / power();
      } else if (take('*') || is_letter(next()) || is_digit(next()) || next() == '(') {
        value = value * power();
      } else {
        return value;
      }
    }
  }

  Rational power() {
    const Rational base = factor();
    if (!take('^')) return base;
    if (!is_digit(next())) refuse();
    Rational value(1);
    for (char exponent = text_[at_++]; exponent > '0'; --exponent) value = value * base;
    return value;
  }

  Rational factor() {
    if (take('(')) {
      if (++depth_ > kDeepest) refuse();
      const Rational value = sum();
      --depth_;
      if (!take(')')) refuse();
      return value;
    }
    if (is_letter(next())) return symbol();
    if (is_digit(next())) return number();
    refuse();
  }

  Rational symbol() {
    const std::string_view name = text_.substr(at_++, 1);
    const auto found = symbols_.find(name);
    if (found == symbols_.end()) throw InputError(fmt::format("the symbol '{}' has no size", name));
    return found->second;
  }

  Rational number() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
    return parse_decimal(text_.substr(begin, at_ - begin), "a number in an expression").value;
  }

  /// The next character that is no blank; '\0' at the end.
  char next() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(char wanted) {
    if (next() != wanted) return false;
    ++at_;
    return true;
  }

  [[noreturn]] void refuse() {
    const std::string found = at_ < text_.size() ? fmt::format("what stands at column {}", at_ + 1) : "its end";
    throw InputError(fmt::format("the expression cannot be read: {} is not expected", found));
  }

  std::string_view text_;
  const SymbolValues& symbols_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Rational evaluate(std::string_view expression, const SymbolValues& symbols) {
  return Reader(expression, symbols).all();
}

}  // namespace headroom::sim
