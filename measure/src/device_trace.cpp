#include <headroom/measure/device_trace.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include <headroom/measure/address_map.h>

namespace headroom::measure {
namespace {

/// The largest sum of each kind of instant.
class PeaksByInstant {
 public:
  /// From now on the sum is this instant's, beginning with what lives already.
  void enter(std::string_view instant, Bytes live) {
    const auto same = [&](const InstantPeak& peak) { return peak.instant == instant; };
    auto found = std::find_if(peaks_.begin(), peaks_.end(), same);
    if (found == peaks_.end()) found = peaks_.insert(found, {std::string(instant), Bytes()});
    current_ = static_cast<std::size_t>(found - peaks_.begin());
    see(live);
  }
  void see(Bytes live) {
    if (current_) peaks_[*current_].peak = std::max(peaks_[*current_].peak, live);
  }
  [[nodiscard]] std::vector<InstantPeak> take() { return std::move(peaks_); }

 private:
  std::vector<InstantPeak> peaks_;
  std::optional<std::size_t> current_;
};

}  // namespace

std::vector<MemoryEvent> in_order(const DeviceTrace& trace, std::optional<std::uint64_t> pool) {
  std::vector<MemoryEvent> events = trace.memory;
  std::stable_sort(events.begin(), events.end(),
                   [](const MemoryEvent& x, const MemoryEvent& y) { return x.timestamp < y.timestamp; });
  std::unordered_map<std::uint64_t, std::optional<std::uint64_t>> pools;
  for (MemoryEvent& event : events) {
    if (event.birth) {
      pools[event.address] = event.pool;
    } else if (const auto block = pools.find(event.address); block != pools.end()) {
      event.pool = block->second;
      pools.erase(block);
    }
  }
  events.erase(std::remove_if(events.begin(), events.end(), [&](const MemoryEvent& e) { return e.pool != pool; }),
               events.end());
  return events;
}

std::optional<std::uint64_t> pool_of(const DeviceTrace& trace, std::uint64_t address) {
  const MemoryEvent* first = nullptr;
  for (const MemoryEvent& event : trace.memory) {
    if (!event.birth || event.address != address) continue;
    if (first == nullptr || event.timestamp < first->timestamp) first = &event;
  }
  return first == nullptr ? std::nullopt : first->pool;
}

PoolLevel highest_level(const DeviceTrace& trace, std::uint64_t pool) {
  PoolLevel highest{pool, Bytes(), Bytes()};
  for (const PoolLevel& level : trace.levels) {
    if (level.pool != pool) continue;
    highest.reserved = std::max(highest.reserved, level.reserved);
    highest.used = std::max(highest.used, level.used);
  }
  return highest;
}

BlockSummary summarize(std::span<const MemoryEvent> events, std::span<const Marker> markers) {
  AddressMap blocks;
  PeaksByInstant peaks;
  auto marker = markers.begin();
  const auto enter_until = [&](std::uint64_t timestamp) {
    for (; marker != markers.end() && marker->timestamp <= timestamp; ++marker) {
      peaks.enter(marker->instant, blocks.live());
    }
  };
  for (const MemoryEvent& event : events) {
    enter_until(event.timestamp);
    if (event.birth) {
      blocks.birth(event.address, event.bytes);
    } else {
      blocks.death(event.address);
    }
    peaks.see(blocks.live());
  }
  enter_until(UINT64_MAX);
  return {blocks.peak(),           blocks.live(),          blocks.births(), blocks.deaths(),
          blocks.unknown_deaths(), blocks.untold_deaths(), peaks.take()};
}

std::vector<KernelTime> kernel_times(std::span<const KernelEvent> kernels, std::size_t most) {
  constexpr double kNanosecond = 1e-9;
  std::map<std::string_view, KernelTime> by_name;
  for (const KernelEvent& kernel : kernels) {
    KernelTime& sum = by_name[kernel.name];
    sum.kernel = kernel.name;
    ++sum.launches;
    if (kernel.end > kernel.start) sum.time.count += static_cast<double>(kernel.end - kernel.start) * kNanosecond;
  }
  std::vector<KernelTime> times;
  for (auto& [name, sum] : by_name) times.push_back(std::move(sum));
  std::stable_sort(times.begin(), times.end(),
                   [](const KernelTime& x, const KernelTime& y) { return x.time.count > y.time.count; });
  if (times.size() > most) times.resize(most);
  return times;
}

Bytes largest_local_memory(std::span<const KernelEvent> kernels) {
  Bytes largest;
  for (const KernelEvent& kernel : kernels) largest = std::max(largest, kernel.local_memory);
  return largest;
}

}  // namespace headroom::measure
