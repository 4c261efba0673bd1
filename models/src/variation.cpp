#include <headroom/models/variation.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/checked.h>
#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/job_field.h>
#include <headroom/models/split.h>

namespace headroom {
namespace {

AxisValues::Kind kind_of(const std::string& name) {
  if (name == "seq") return AxisValues::Kind::numbers;
  if (name == "model" || name == "hardware" || name == "method") return AxisValues::Kind::names;
  switch (job_field(name).kind) {
    case FieldKind::count: return AxisValues::Kind::numbers;
    case FieldKind::chunk: return AxisValues::Kind::numbers_or_names;
    case FieldKind::choice:
    case FieldKind::recompute:
    case FieldKind::toggle:
    case FieldKind::bytes: break;
  }
  return AxisValues::Kind::names;
}

bool starts_with_digit(const std::string& text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; }

/// A whole number from 0 on; "8K" is 8192.
std::int64_t number_of(const std::string& text, const std::string& what) {
  return text == "0" ? 0 : parse_tokens(text, what).count();
}

[[noreturn]] void refuse_range(const std::string& text, const std::string& what) {
  throw InputError(
      fmt::format("{} takes FIRST:LAST:*FACTOR or FIRST:LAST:+STEP, such as 8K:1M:*2, not '{}'", what, text));
}

/// How often `first` can be multiplied without getting beyond `last`, and once.
std::int64_t multiples(std::int64_t first, std::int64_t last, std::int64_t factor) {
  std::int64_t count = 1;
  for (std::int64_t value = first; value <= last / factor; value *= factor) ++count;
  return count;
}

}  // namespace

AxisValues::Piece AxisValues::range(const std::vector<std::string>& parts, const std::string& what) {
  const std::string text = fmt::format("{}", fmt::join(parts, ":"));
  const char sign = parts.size() == 3 && parts[2].size() > 1 ? parts[2][0] : ' ';
  if (sign != '*' && sign != '+') refuse_range(text, what);
  Piece piece;
  piece.first = number_of(parts[0], what);
  const std::int64_t last = number_of(parts[1], what);
  const std::int64_t by = number_of(parts[2].substr(1), what);
  if (last < piece.first) {
    throw InputError(fmt::format("{}: the range {} ends before it begins; give the smaller number first", what, text));
  }
  const bool stands_still = sign == '*' ? by < 2 || piece.first == 0 : by < 1;
  if (stands_still) {
    throw InputError(
        fmt::format("{}: the range {} stands still; multiply from 1 on by 2 or more, or add 1 or more", what, text));
  }
  (sign == '*' ? piece.factor : piece.step) = by;
  piece.count = sign == '*' ? multiples(piece.first, last, by) : (last - piece.first) / by + 1;
  return piece;
}

AxisValues::Piece AxisValues::piece(const std::string& text, Kind kind, const std::string& what) {
  if (text.empty())
    throw InputError(fmt::format("{} has an empty value; give one, or several with commas between", what));
  const bool is_number = kind == Kind::numbers || (kind == Kind::numbers_or_names && starts_with_digit(text));
  Piece piece;
  if (!is_number) {
    piece.name = text;
    return piece;
  }
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() > 1) return range(parts, what);
  piece.first = number_of(text, what);
  return piece;
}

AxisValues::AxisValues(std::string_view text, Kind kind, const std::string& what) {
  for (const std::string& part : split(std::string(text), ',')) {
    Piece next = piece(part, kind, what);
    next.begin = count_;
    count_ = checked_add(count_, next.count);
    pieces_.push_back(std::move(next));
  }
}

const AxisValues::Piece& AxisValues::piece_of(std::int64_t value) const {
  const auto behind = std::upper_bound(pieces_.begin(), pieces_.end(), value,
                                       [](std::int64_t v, const Piece& piece) { return v < piece.begin; });
  return *(behind - 1);
}

std::int64_t AxisValues::number(std::int64_t value) const {
  const Piece& piece = piece_of(value);
  const std::int64_t steps = value - piece.begin;
  std::int64_t number = piece.first + steps * piece.step;
  if (piece.factor == 1) return number;
  for (std::int64_t i = 0; i < steps; ++i) number *= piece.factor;
  return number;
}

std::string AxisValues::text(std::int64_t value) const {
  const Piece& piece = piece_of(value);
  return piece.name.empty() ? format_count(number(value)) : piece.name;
}

std::vector<std::string> AxisValues::samples() const {
  std::vector<std::string> samples;
  for (const Piece& piece : pieces_) samples.push_back(text(piece.begin));
  return samples;
}

Variation read_variation(std::string name, std::string_view values, std::string what) {
  AxisValues read(values, kind_of(name), what);
  return {std::move(name), std::move(what), std::move(read)};
}

}  // namespace headroom
