#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom {

/// The values of one axis in the order typed: some by name, some numbers of a range, which is not written out.
class AxisValues {
 public:
  enum class Kind { names, numbers, numbers_or_names };

  /// `text` is a list such as "flash,bpt", "1,2,4" or "1K,8K:1M:*2,2M:4M:+512K". Throws InputError that names `what`:
  /// an empty value, a range that ends before it begins, a step that leads nowhere, more than 2^63-1 values.
  AxisValues(std::string_view text, Kind kind, const std::string& what);

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] bool is_number(std::int64_t value) const { return piece_of(value).name.empty(); }
  [[nodiscard]] std::int64_t number(std::int64_t value) const;
  /// As an option takes it.
  [[nodiscard]] std::string text(std::int64_t value) const;
  /// The names, and the first number of each range: what is accepted of them is accepted of all.
  [[nodiscard]] std::vector<std::string> samples() const;

 private:
  struct Piece {
    std::string name;  ///< empty: numbers
    std::int64_t first = 0;
    std::int64_t step = 0;    ///< added each time; 0: multiplied
    std::int64_t factor = 1;  ///< multiplied each time
    std::int64_t begin = 0;   ///< values before it
    std::int64_t count = 1;
  };

  static Piece range(const std::vector<std::string>& parts, const std::string& what);
  static Piece piece(const std::string& text, Kind kind, const std::string& what);
  [[nodiscard]] const Piece& piece_of(std::int64_t value) const;

  std::vector<Piece> pieces_;
  std::int64_t count_ = 0;
};

/// One thing of a job that varies, and its values.
struct Variation {
  std::string name;  ///< a JobChange's
  std::string what;  ///< for messages, such as "--vary seq"
  AxisValues values;
};

/// The values of what is called `name`, one of change_names(). Throws InputError as AxisValues does.
[[nodiscard]] Variation read_variation(std::string name, std::string_view values, std::string what);

}  // namespace headroom
