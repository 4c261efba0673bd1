#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include <headroom/models/record.h>

namespace headroom::measure {

/// Wall-clock time by instant.
class Stopwatch {
 public:
  /// The instant of that name begins; the one before ends.
  void enters(std::string_view instant);
  /// The running instant ends. Returns the time of each, in the order they were first entered.
  [[nodiscard]] std::vector<InstantTime> stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    std::string_view instant;
    Clock::duration time{};
  };
  void close();
  Entry& entry(std::string_view instant);

  std::vector<Entry> entries_;
  std::string_view running_;
  Clock::time_point since_;
};

}  // namespace headroom::measure
