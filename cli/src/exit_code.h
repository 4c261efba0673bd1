#pragma once

namespace headroom::cli {

inline constexpr int kFits = 0;         ///< it fits, or the question had no such answer
inline constexpr int kCheckFailed = 1;  ///< what was measured is not what was predicted, or a measurement failed
inline constexpr int kInputError = 2;   ///< wrong usage or input, or the result could not be written
inline constexpr int kDoesNotFit = 3;
inline constexpr int kInterrupted = 128;  ///< and the number of the signal: 130 for Ctrl-C

/// A code as help and the manual page explain it.
struct ExitCode {
  int value;
  const char* meaning;
};

inline constexpr ExitCode kExitCodes[] = {{kFits, "it fits or agrees"},
                                          {kCheckFailed, "a check failed"},
                                          {kInputError, "wrong usage or input"},
                                          {kDoesNotFit, "it does not fit"},
                                          {kInterrupted + 2, "interrupted"}};

}  // namespace headroom::cli
