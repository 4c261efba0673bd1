#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "console.h"

namespace headroom::cli {

/// "  43 %  ████████              430,000 of 1,000,000 jobs, 2 s left"
[[nodiscard]] std::string progress_text(std::int64_t done, std::int64_t all, std::chrono::duration<double> elapsed);

/// A bar on standard error while something long goes on, gone with the object.
class Progress {
 public:
  /// Nothing is shown where `is_shown` is false.
  Progress(std::int64_t all, bool is_shown, Console& console);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::int64_t done);

 private:
  using Clock = std::chrono::steady_clock;

  std::int64_t all_;
  bool is_shown_;
  Console& console_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
};

}  // namespace headroom::cli
