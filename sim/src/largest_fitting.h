#pragma once

#include <algorithm>
#include <cstdint>

#include <headroom/models/bytes.h>
#include <headroom/models/error.h>

namespace headroom::sim {

/// Finds the largest index in [1, last] at which `bytes_at`, which never falls, is at most `budget`; 0: none.
///
/// Memory is nearly a polynomial in the length, so the next try is where a line through the last two points meets the
/// budget: a handful of tries. Every fourth one halves the bracket, which bounds the worst case. Floating point only
/// chooses where to try; every comparison is exact. A size beyond 64 bits counts as one that does not fit.
template <class BytesAt>
class LargestFitting {
 public:
  LargestFitting(BytesAt bytes_at, Bytes budget, std::int64_t last)
      : bytes_at_(bytes_at), budget_(budget), last_(last), too_large_(last + 1) {}

  [[nodiscard]] std::int64_t find() {
    try_at(1);
    if (fits_ == 1) try_at(std::min<std::int64_t>(kSecondTry, last_));
    for (int tries = 1; too_large_ - fits_ > 1; ++tries) {
      try_at(std::clamp(tries % 4 == 0 ? middle() : on_the_line(), fits_ + 1, too_large_ - 1));
    }
    return fits_;
  }

 private:
  static constexpr std::int64_t kSecondTry = 64;
  static constexpr double kFarthestStep = 1 << 20;  ///< no line is trusted beyond this multiple

  struct Point {
    double index = 0;
    double bytes = 0;
  };

  void try_at(std::int64_t index) {
    bool fits = false;
    try {
      const Bytes bytes = bytes_at_(index);
      fits = bytes <= budget_;
      older_ = newer_;
      newer_ = {static_cast<double>(index), static_cast<double>(bytes.count())};
    } catch (const OverflowError&) {
      fits = false;
    }
    (fits ? fits_ : too_large_) = index;
  }

  [[nodiscard]] std::int64_t middle() const {
    const bool bracketed = too_large_ <= last_;
    return bracketed ? fits_ + (too_large_ - fits_) / 2 : std::min(fits_, last_ / 8) * 8;
  }

  [[nodiscard]] std::int64_t on_the_line() const {
    const double slope = (newer_.bytes - older_.bytes) / (newer_.index - older_.index);
    const double index = newer_.index + (static_cast<double>(budget_.count()) - newer_.bytes) / slope;
    const double farthest = static_cast<double>(fits_) * kFarthestStep;
    if (!(index >= 1)) return fits_ + 1;
    return index < farthest ? static_cast<std::int64_t>(index) : middle();
  }

  BytesAt bytes_at_;
  Bytes budget_;
  std::int64_t last_;
  std::int64_t fits_ = 0;
  std::int64_t too_large_;
  Point older_;
  Point newer_;
};

}  // namespace headroom::sim
