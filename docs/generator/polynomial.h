#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace headroom::docs {

/// Bytes as a polynomial of degree two in the sequence length.
class Polynomial {
 public:
  /// Through the bytes at `step`, 2·step and 3·step tokens.
  Polynomial(std::int64_t step, const std::array<std::int64_t, 3>& bytes);

  /// "2bas² + 8bsh + 256 MiB", for bas = batch · heads, bh = batch · hidden. With bch > 0 the constant is a multiple of
  /// that: "2bsh + 4bch".
  [[nodiscard]] std::string in_words(std::int64_t ba, std::int64_t bh, std::int64_t bch = 0) const;

 private:
  double square_ = 0;
  double linear_ = 0;
  double constant_ = 0;
};

}  // namespace headroom::docs
