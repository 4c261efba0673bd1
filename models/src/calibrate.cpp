#include <headroom/models/calibrate.h>

#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/error.h>

namespace headroom {
namespace {

void require_figures(const Record& record, const Record& first) {
  if (record.device != first.device) {
    throw InputError(fmt::format("the records are of two devices, '{}' and '{}': calibrate one at a time", first.device,
                                 record.device));
  }
  if (!record.device_memory || !record.device_memory->context || !record.workspace) {
    throw InputError(
        fmt::format("a record of '{}' (backend {}) lacks device_memory with its context, or the workspace: only those "
                    "of headroom-measure-cuda have them",
                    record.device, record.backend));
  }
}

std::string driver_of(const Record& record) {
  const auto driver = std::find_if(record.software.begin(), record.software.end(),
                                   [](const SoftwareVersion& software) { return software.name == "CUDA driver"; });
  return driver == record.software.end() ? "" : fmt::format(", CUDA driver {}", driver->version);
}

/// The largest of what `figure` says of each record.
template <class FigureOf>
Bytes largest(std::span<const Record> records, FigureOf figure) {
  Bytes most = figure(records.front());
  for (const Record& record : records) most = std::max(most, figure(record));
  return most;
}

}  // namespace

Device calibrated(const Device& device, std::span<const Record> records) {
  if (records.empty()) throw InputError("a calibration needs at least one record");
  for (const Record& record : records) require_figures(record, records.front());
  const std::string on = fmt::format("calibration run{} on {}{}", records.size() == 1 ? "" : "s",
                                     records.front().device, driver_of(records.front()));
  const auto measured = [](Bytes bytes, std::string origin) {
    return Figure{bytes, Certainty::measured, std::move(origin)};
  };
  const auto available = [](const Record& r) { return r.device_memory->free + *r.device_memory->context; };
  const Bytes least_available =
      Bytes() - largest(records, [&](const Record& record) { return Bytes() - available(record); });
  Device result = device;
  result.capacity =
      measured(least_available, fmt::format("free in front of the program's context, of {} bytes in all: {}",
                                            records.front().device_memory->total.count(), on));
  result.context =
      measured(largest(records, [](const Record& r) { return *r.device_memory->context + r.device_memory->modules; }),
               "context, kernels with their local memory, and what libraries allocate themselves: " + on);
  result.workspace = measured(largest(records, [](const Record& r) { return *r.workspace; }),
                              "what the runtime passes to kernels and libraries: " + on);
  result.allocator_slack =
      measured(largest(records, [](const Record& r) { return r.device_memory->pool_reserved - r.allocated.total; }),
               "held by the stream-ordered pool beyond the tensors' peak: " + on);
  return result;
}

}  // namespace headroom
