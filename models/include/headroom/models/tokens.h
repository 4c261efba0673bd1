#pragma once

#include <compare>
#include <cstdint>

namespace headroom {

/// A number of tokens of one sequence (a length, a chunk, a grid step). "128K" means 131072, as the field writes it.
class Tokens {
 public:
  constexpr Tokens() = default;
  constexpr explicit Tokens(std::int64_t count) : count_(count) {}

  [[nodiscard]] constexpr std::int64_t count() const { return count_; }
  constexpr auto operator<=>(const Tokens&) const = default;

 private:
  std::int64_t count_ = 0;
};

}  // namespace headroom
