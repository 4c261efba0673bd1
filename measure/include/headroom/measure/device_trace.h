#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <headroom/models/bytes.h>
#include <headroom/models/record.h>

namespace headroom::measure {

/// A block of device memory appears or goes, as an observer of the device's allocator tells it.
struct MemoryEvent {
  bool birth = true;
  std::uint64_t address = 0;
  Bytes bytes;                          ///< of a birth; a death need not know it
  std::uint64_t timestamp = 0;          ///< nanoseconds on the observer's clock
  std::optional<std::uint64_t> pool{};  ///< the pool's own address; none: not from a pool
};

/// What a pool holds and what it has handed out of that, at some moment.
struct PoolLevel {
  std::uint64_t pool = 0;
  Bytes reserved;
  Bytes used;
};

/// One launch of a kernel.
struct KernelEvent {
  std::string name;
  std::uint64_t start = 0;  ///< nanoseconds
  std::uint64_t end = 0;
  Bytes local_memory;  ///< on the whole device
};

/// An instant of the step begins. The name is a literal.
struct Marker {
  std::uint64_t timestamp = 0;  ///< nanoseconds on the observer's clock
  std::string_view instant;
};

/// Everything an observer told, in the order in which it arrived.
struct DeviceTrace {
  std::vector<MemoryEvent> memory;
  std::vector<PoolLevel> levels;
  std::vector<KernelEvent> kernels;
};

/// The events of one pool, or with none those of no pool, put in the order of their timestamps; equal ones stay in the
/// order of their arrival. A death belongs to the pool of the block that lives at its address.
[[nodiscard]] std::vector<MemoryEvent> in_order(const DeviceTrace& trace, std::optional<std::uint64_t> pool);

/// The pool of the first block that was born at the address; none where there is no such block or it has no pool.
[[nodiscard]] std::optional<std::uint64_t> pool_of(const DeviceTrace& trace, std::uint64_t address);

/// The largest levels of one pool.
[[nodiscard]] PoolLevel highest_level(const DeviceTrace& trace, std::uint64_t pool);

/// What the events add up to.
struct BlockSummary {
  Bytes peak;
  Bytes left_alive;
  std::int64_t births = 0;
  std::int64_t deaths = 0;
  std::int64_t unknown_deaths = 0;
  std::int64_t untold_deaths = 0;
  std::vector<InstantPeak> instants;  ///< the largest sum in each kind of instant, in the order they were first entered
};

/// Events and markers are ordered by timestamp; a marker comes before the events of its own nanosecond.
[[nodiscard]] BlockSummary summarize(std::span<const MemoryEvent> events, std::span<const Marker> markers);

/// Launches and time by kernel, the longest sum first, at most `most` of them.
[[nodiscard]] std::vector<KernelTime> kernel_times(std::span<const KernelEvent> kernels, std::size_t most);

/// The local memory of the kernel that needs most of it.
[[nodiscard]] Bytes largest_local_memory(std::span<const KernelEvent> kernels);

}  // namespace headroom::measure
