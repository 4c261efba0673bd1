#include <headroom/models/calibrate.h>

#include <vector>

#include <headroom/models/presets.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::refusal;

namespace {

/// A run that allocated `tensors` bytes.
Record record_of(Bytes tensors) {
  Record record;
  record.backend = "cuda";
  record.device = "a GPU";
  record.software = {{"headroom", "1"}, {"CUDA driver", "13.0"}};
  record.allocated.total = tensors;
  record.workspace = 32_MiB;
  record.device_memory =
      DeviceMemory{80_GiB, 79_GiB, 500_MiB, 20_MiB, {}, tensors, tensors + 30_MiB, tensors + 582_MiB};
  return record;
}

}  // namespace

TEST_CASE("a calibrated device takes the largest cost of the records and the smallest room") {
  Record empty = record_of(1_KiB);
  empty.device_memory->free = 78_GiB;
  Record layer = record_of(100_MiB);
  layer.device_memory->modules = 60_MiB;
  layer.device_memory->pool_reserved = 164_MiB;
  const Device before = device_preset("H200");
  const Device device = calibrated(before, std::vector<Record>{empty, layer});
  CHECK(device.capacity.bytes == 78_GiB + 500_MiB);
  CHECK(device.context.bytes == 560_MiB);
  CHECK(device.workspace.bytes == 32_MiB);
  CHECK(device.allocator_slack.bytes == 64_MiB);
  for (const Figure& figure : {device.capacity, device.context, device.workspace, device.allocator_slack}) {
    CHECK(figure.certainty == Certainty::measured);
    CHECK_THAT(figure.origin, contains("calibration runs on a GPU, CUDA driver 13.0"));
  }
  CHECK(device.name == before.name);
  CHECK(device.memory_bandwidth == before.memory_bandwidth);
}

TEST_CASE("a calibrated device that is written and read again is the same") {
  const Device device = calibrated(device_preset("H200"), std::vector<Record>{record_of(1_MiB)});
  CHECK(parse_device(device_to_json(device), "h200.json").value == device);
}

TEST_CASE("records that cannot calibrate are refused in a sentence") {
  const Device device = device_preset("H200");
  const auto told = [&](const std::vector<Record>& records) {
    return refusal([&] { (void)calibrated(device, records); });
  };
  CHECK_THAT(told({}), contains("at least one record"));
  Record other = record_of(1_MiB);
  other.device = "another GPU";
  CHECK_THAT(told({record_of(1_MiB), other}), contains("two devices, 'a GPU' and 'another GPU'"));
  Record host = record_of(1_MiB);
  host.device_memory.reset();
  CHECK_THAT(told({host}), contains("lacks device_memory"));
  Record alone = record_of(1_MiB);
  alone.device_memory->context.reset();
  CHECK_THAT(told({alone}), contains("lacks device_memory with its context"));
}
