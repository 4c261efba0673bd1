#pragma once

#include <string_view>

#include <headroom/models/rational.h>
#include <headroom/models/reproduction.h>

namespace headroom::sim {

/// The value of an expression as papers print them: decimal numbers, one-letter symbols, + - * / ^, parentheses;
/// factors side by side are multiplied ("2bsh + 4bch", "sbh(34 + 5as/h)"), and an exponent is one digit. Division takes
/// the next factor alone: "a/(bc)" keeps its parentheses. Throws InputError for anything else.
[[nodiscard]] Rational evaluate(std::string_view expression, const SymbolValues& symbols);

}  // namespace headroom::sim
