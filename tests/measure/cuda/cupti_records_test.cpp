#include "cupti_records.h"

#include <cstring>
#include <vector>

#include "catch.h"

using namespace headroom;
using measure::DeviceTrace;

namespace {

/// Records behind one another in one buffer, as CUPTI packs them.
class Buffer {
 public:
  template <class Record>
  void add(const Record& record) {
    const std::size_t at = words_.size();
    words_.resize(at + (sizeof record + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
    std::memcpy(&words_[at], &record, sizeof record);
    begins_.push_back(at);
  }
  [[nodiscard]] DeviceTrace translated() const {
    DeviceTrace trace;
    for (const std::size_t at : begins_) {
      measure::cuda::translate(*reinterpret_cast<const CUpti_Activity*>(&words_[at]), trace);
    }
    return trace;
  }

 private:
  std::vector<std::uint64_t> words_;
  std::vector<std::size_t> begins_;
};

CUpti_ActivityMemory4 memory(CUpti_ActivityMemoryOperationType operation, std::uint64_t address, std::uint64_t bytes,
                             std::uint64_t timestamp) {
  CUpti_ActivityMemory4 record{};
  record.kind = CUPTI_ACTIVITY_KIND_MEMORY2;
  record.memoryOperationType = operation;
  record.memoryKind = CUPTI_ACTIVITY_MEMORY_KIND_DEVICE;
  record.address = address;
  record.bytes = bytes;
  record.timestamp = timestamp;
  return record;
}

CUpti_ActivityMemory4 from_pool(CUpti_ActivityMemory4 record, std::uint64_t pool, std::uint64_t reserved,
                                std::uint64_t used) {
  record.isAsync = 1;
  record.memoryPoolConfig.memoryPoolType = CUPTI_ACTIVITY_MEMORY_POOL_TYPE_LOCAL;
  record.memoryPoolConfig.address = pool;
  record.memoryPoolConfig.pool.size = reserved;
  record.memoryPoolConfig.utilizedSize = used;
  return record;
}

constexpr auto kAllocation = CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION;
constexpr auto kRelease = CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_RELEASE;

}  // namespace

TEST_CASE("allocations and releases of a pool become births and deaths with the pool's levels") {
  Buffer buffer;
  buffer.add(from_pool(memory(kAllocation, 4096, 100, 10), 77, 32 << 20, 512));
  buffer.add(from_pool(memory(kRelease, 4096, 0, 20), 77, 32 << 20, 0));
  const DeviceTrace trace = buffer.translated();
  REQUIRE(trace.memory.size() == 2);
  CHECK(trace.memory[0].birth);
  CHECK(trace.memory[0].address == 4096);
  CHECK(trace.memory[0].bytes == 100_B);
  CHECK(trace.memory[0].timestamp == 10);
  CHECK(trace.memory[0].pool == std::optional<std::uint64_t>(77));
  CHECK_FALSE(trace.memory[1].birth);
  CHECK(measure::highest_level(trace, 77).reserved == 32_MiB);
  CHECK(measure::highest_level(trace, 77).used == 512_B);
}

TEST_CASE("an allocation outside pools has no pool, and host memory is nothing") {
  Buffer buffer;
  buffer.add(memory(kAllocation, 4096, 100, 10));
  CUpti_ActivityMemory4 pinned = memory(kAllocation, 8192, 100, 11);
  pinned.memoryKind = CUPTI_ACTIVITY_MEMORY_KIND_PINNED;
  buffer.add(pinned);
  const DeviceTrace trace = buffer.translated();
  REQUIRE(trace.memory.size() == 1);
  CHECK_FALSE(trace.memory[0].pool);
  CHECK(trace.levels.empty());
}

TEST_CASE("a record of a pool is a level of it") {
  CUpti_ActivityMemoryPool3 record{};
  record.kind = CUPTI_ACTIVITY_KIND_MEMORY_POOL;
  record.memoryPoolType = CUPTI_ACTIVITY_MEMORY_POOL_TYPE_LOCAL;
  record.address = 77;
  record.size = 64 << 20;
  record.utilizedSize = 1 << 20;
  Buffer buffer;
  buffer.add(record);
  const DeviceTrace trace = buffer.translated();
  CHECK(trace.memory.empty());
  CHECK(measure::highest_level(trace, 77).reserved == 64_MiB);
  CHECK(measure::highest_level(trace, 77).used == 1_MiB);
}

TEST_CASE("a kernel has its readable name, its time and its local memory") {
  CUpti_ActivityKernel10 record{};
  record.kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
  record.name = "_ZN8headroom5scaleEv";
  record.start = 100;
  record.end = 350;
  record.localMemoryTotal_v2 = 5;
  Buffer buffer;
  buffer.add(record);
  record.name = "plain_c_name";
  buffer.add(record);
  record.name = nullptr;
  buffer.add(record);
  const DeviceTrace trace = buffer.translated();
  REQUIRE(trace.kernels.size() == 3);
  CHECK(trace.kernels[0].name == "headroom::scale()");
  CHECK(trace.kernels[0].end - trace.kernels[0].start == 250);
  CHECK(trace.kernels[0].local_memory == 5_B);
  CHECK(trace.kernels[1].name == "plain_c_name");
  CHECK(trace.kernels[2].name == "unnamed");
}

TEST_CASE("records of other kinds are passed over") {
  CUpti_ActivityMemset4 record{};
  record.kind = CUPTI_ACTIVITY_KIND_MEMSET;
  Buffer buffer;
  buffer.add(record);
  const DeviceTrace trace = buffer.translated();
  CHECK(trace.memory.empty());
  CHECK(trace.levels.empty());
  CHECK(trace.kernels.empty());
}
