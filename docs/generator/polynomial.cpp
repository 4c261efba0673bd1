#include "polynomial.h"

#include <cmath>
#include <vector>

#include <fmt/format.h>

#include <headroom/models/format.h>

namespace headroom::docs {
namespace {

/// Up to two decimals, without trailing zeros.
std::string number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

Polynomial::Polynomial(std::int64_t step, const std::array<std::int64_t, 3>& bytes) {
  const auto x = static_cast<double>(step);
  const auto difference = static_cast<double>(bytes[1] - bytes[0]);
  square_ = (static_cast<double>(bytes[2] - bytes[1]) - difference) / (2 * x * x);
  linear_ = (difference - 3 * square_ * x * x) / x;
  constant_ = static_cast<double>(bytes[0]) - square_ * x * x - linear_ * x;
}

std::string Polynomial::in_words(std::int64_t ba, std::int64_t bh, std::int64_t bch) const {
  std::vector<std::string> parts;
  if (square_ != 0) parts.push_back(number(square_ / static_cast<double>(ba)) + "bas²");
  if (linear_ != 0) parts.push_back(number(linear_ / static_cast<double>(bh)) + "bsh");
  if (constant_ != 0 && bch > 0) parts.push_back(number(constant_ / static_cast<double>(bch)) + "bch");
  if (constant_ != 0 && bch == 0) parts.push_back(format_bytes(Bytes(std::llround(constant_))));
  return fmt::format("{}", fmt::join(parts, " + "));
}

}  // namespace headroom::docs
