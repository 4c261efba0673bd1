#pragma once

namespace headroom::measure {

inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;      ///< what ran is not what was meant to
inline constexpr int kInputError = 2;  ///< usage or input
inline constexpr int kRefused = 3;     ///< refused by the limit, or out of memory

}  // namespace headroom::measure
