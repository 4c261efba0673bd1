#pragma once

#include <span>
#include <string_view>

#include <headroom/models/rational.h>
#include <headroom/models/reproduction.h>

namespace headroom::sim {

/// A published formula by the name under which reproductions compare it.
struct Formula {
  std::string_view name;
  std::string_view symbols;  ///< those that it reads, a letter each
  Dimension dimension;       ///< of its value
  Rational (*value)(const SymbolValues& symbols);
};

[[nodiscard]] std::span<const Formula> formulas();

/// Throws InputError with the nearest name.
[[nodiscard]] const Formula& formula_named(std::string_view name);

/// Its value. Throws InputError for a symbol without a size.
[[nodiscard]] Rational value_at(const Formula& formula, const SymbolValues& symbols);

}  // namespace headroom::sim
