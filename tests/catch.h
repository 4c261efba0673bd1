#pragma once

// Catch2 3 where it is installed, else the single header of Catch2 2.13; tests use what both offer, plus the names
// below.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <string>

#if __has_include(<catch2/catch_all.hpp>)
using Catch::Approx;
#endif

namespace headroom::test {

/// Matcher for REQUIRE_THAT and CHECK_THROWS_WITH: the text contains `part`.
inline auto contains(const std::string& part) {
#if __has_include(<catch2/catch_all.hpp>)
  return Catch::Matchers::ContainsSubstring(part);
#else
  return Catch::Matchers::Contains(part);
#endif
}

}  // namespace headroom::test
