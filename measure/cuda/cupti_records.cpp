#include "cupti_records.h"

#include <cstdlib>
#include <cstring>
#include <memory>

#include <cxxabi.h>

namespace headroom::measure::cuda {
namespace {

/// The records are packed: a copy is aligned.
template <class Record>
Record copied(const CUpti_Activity& record) {
  Record copy;
  std::memcpy(&copy, &record, sizeof copy);
  return copy;
}

Bytes bytes_of(std::uint64_t count) { return Bytes(static_cast<std::int64_t>(count)); }

struct Free {
  void operator()(char* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc): what demangling wants
};

std::string readable(const char* name) {
  if (name == nullptr) return "unnamed";
  int status = 0;
  const std::unique_ptr<char, Free> text(abi::__cxa_demangle(name, nullptr, nullptr, &status));
  return status == 0 ? text.get() : name;
}

void add_memory(const CUpti_Activity& activity, DeviceTrace& trace) {
  const auto record = copied<CUpti_ActivityMemory4>(activity);
  if (record.memoryKind != CUPTI_ACTIVITY_MEMORY_KIND_DEVICE) return;
  const bool is_birth = record.memoryOperationType == CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION;
  if (!is_birth && record.memoryOperationType != CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_RELEASE) return;
  MemoryEvent event{is_birth, record.address, bytes_of(record.bytes), record.timestamp, std::nullopt};
  const auto pool_type = record.memoryPoolConfig.memoryPoolType;
  if (pool_type != CUPTI_ACTIVITY_MEMORY_POOL_TYPE_INVALID) {
    event.pool = record.memoryPoolConfig.address;
    if (pool_type == CUPTI_ACTIVITY_MEMORY_POOL_TYPE_LOCAL) {
      trace.levels.push_back(
          {*event.pool, bytes_of(record.memoryPoolConfig.pool.size), bytes_of(record.memoryPoolConfig.utilizedSize)});
    }
  }
  trace.memory.push_back(event);
}

void add_level(const CUpti_Activity& activity, DeviceTrace& trace) {
  const auto record = copied<CUpti_ActivityMemoryPool3>(activity);
  if (record.memoryPoolType != CUPTI_ACTIVITY_MEMORY_POOL_TYPE_LOCAL) return;
  trace.levels.push_back({record.address, bytes_of(record.size), bytes_of(record.utilizedSize)});
}

void add_kernel(const CUpti_Activity& activity, DeviceTrace& trace) {
  const auto record = copied<CUpti_ActivityKernel10>(activity);
  trace.kernels.push_back({readable(record.name), record.start, record.end, bytes_of(record.localMemoryTotal_v2)});
}

}  // namespace

void translate(const CUpti_Activity& record, DeviceTrace& trace) {
  switch (record.kind) {
    case CUPTI_ACTIVITY_KIND_MEMORY2: return add_memory(record, trace);
    case CUPTI_ACTIVITY_KIND_MEMORY_POOL: return add_level(record, trace);
    case CUPTI_ACTIVITY_KIND_KERNEL:
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL: return add_kernel(record, trace);
    default: return;
  }
}

}  // namespace headroom::measure::cuda
