#include "stopwatch.h"

#include <algorithm>

namespace headroom::measure {

void Stopwatch::enters(std::string_view instant) {
  close();
  running_ = instant;
  since_ = Clock::now();
}

void Stopwatch::close() {
  if (!running_.empty()) entry(running_).time += Clock::now() - since_;
}

Stopwatch::Entry& Stopwatch::entry(std::string_view instant) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.instant == instant; });
  if (found != entries_.end()) return *found;
  entries_.push_back({instant, {}});
  return entries_.back();
}

std::vector<InstantTime> Stopwatch::stop() {
  close();
  running_ = {};
  std::vector<InstantTime> times;
  for (const Entry& entry : entries_) {
    times.push_back({std::string(entry.instant), {std::chrono::duration<double>(entry.time).count()}});
  }
  return times;
}

}  // namespace headroom::measure
