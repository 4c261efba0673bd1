#include <iterator>

#include <headroom/models/presets.h>

#include "catch.h"

using namespace headroom;

namespace {

/// A device's figures as its vendor and public logs give them, of a whole module and of links in both directions.
struct ReferenceDevice {
  const char* name;
  const char* vendor;
  std::int64_t parts;     ///< devices to a program that the module is
  std::int64_t capacity;  ///< bytes that frameworks report
  std::int64_t context;   ///< MiB, upper end of what is typical
  std::int64_t memory_bandwidth;
  std::int64_t bf16_flops;  ///< dense; 0: unknown or none, here and below
  std::int64_t fp32_flops;
  std::int64_t link_bandwidth;
  std::int64_t host_link_bandwidth;  ///< one direction
};

constexpr ReferenceDevice kReferenceDevices[] = {
    {"V100-16GB", "NVIDIA", 1, 16935550976, 450, 900000000000, 0, 15700000000000, 300000000000, 15750000000},
    {"V100-32GB", "NVIDIA", 1, 34072428544, 450, 900000000000, 0, 15700000000000, 300000000000, 15750000000},
    {"A100-40GB", "NVIDIA", 1, 42405881446, 550, 1555000000000, 312000000000000, 19500000000000, 600000000000,
     31500000000},
    {"A100-80GB", "NVIDIA", 1, 84987084800, 550, 2039000000000, 312000000000000, 19500000000000, 600000000000,
     31500000000},
    {"A100-40GB-PCIe", "NVIDIA", 1, 42405462016, 550, 1555000000000, 312000000000000, 19500000000000, 63000000000,
     31500000000},
    {"A100-80GB-PCIe", "NVIDIA", 1, 84987084800, 550, 1935000000000, 312000000000000, 19500000000000, 63000000000,
     31500000000},
    {"RTX-A6000", "NVIDIA", 1, 50908364800, 450, 768000000000, 154800000000000, 38700000000000, 112500000000,
     31500000000},
    {"A10G", "NVIDIA", 1, 23684186112, 450, 600000000000, 70000000000000, 31500000000000, 63000000000, 31500000000},
    {"L4", "NVIDIA", 1, 23655874560, 400, 300000000000, 121000000000000, 30300000000000, 63000000000, 31500000000},
    {"L40S", "NVIDIA", 1, 47803531264, 500, 864000000000, 362050000000000, 91600000000000, 63000000000, 31500000000},
    {"RTX-3090", "NVIDIA", 1, 25437405184, 450, 936200000000, 71000000000000, 35600000000000, 63000000000, 31500000000},
    {"RTX-4090", "NVIDIA", 1, 25386024960, 500, 1008000000000, 165200000000000, 82600000000000, 63000000000,
     31500000000},
    {"RTX-5090", "NVIDIA", 1, 33672921088, 600, 1792000000000, 209500000000000, 104800000000000, 126000000000,
     63000000000},
    {"H100-80GB", "NVIDIA", 1, 85027979264, 650, 3350000000000, 989400000000000, 66900000000000, 900000000000,
     63000000000},
    {"H100-80GB-PCIe", "NVIDIA", 1, 84934656000, 600, 2000000000000, 756000000000000, 51200000000000, 126000000000,
     63000000000},
    {"H100-NVL", "NVIDIA", 1, 99960750080, 650, 3900000000000, 835500000000000, 60000000000000, 600000000000,
     63000000000},
    {"H200", "NVIDIA", 1, 150109945856, 650, 4800000000000, 989400000000000, 66900000000000, 900000000000, 63000000000},
    {"H200-NVL", "NVIDIA", 1, 150109945856, 650, 4800000000000, 835500000000000, 60000000000000, 900000000000,
     63000000000},
    {"B200", "NVIDIA", 1, 191504580608, 800, 8000000000000, 2250000000000000, 80000000000000, 1800000000000,
     63000000000},
    {"GB200", "NVIDIA", 1, 197900894208, 800, 8000000000000, 2500000000000000, 90000000000000, 1800000000000,
     450000000000},
    {"MI250X-GCD", "AMD", 2, 137405399040, 0, 3276800000000, 383000000000000, 95700000000000, 800000000000,
     31500000000},
    {"MI300X", "AMD", 1, 206137458688, 0, 5300000000000, 1307400000000000, 163400000000000, 896000000000, 63000000000},
    {"MI325X", "AMD", 1, 274726912000, 0, 6000000000000, 1307400000000000, 163400000000000, 896000000000, 63000000000},
    {"TPU-v3", "Google", 2, 33243046871, 0, 900000000000, 123000000000000, 0, 0, 0},
    {"TPU-v4", "Google", 1, 33017561088, 0, 1200000000000, 275000000000000, 0, 600000000000, 0},
    {"TPU-v5e", "Google", 1, 16911433728, 0, 819000000000, 197000000000000, 0, 400000000000, 0},
    {"TPU-v5p", "Google", 1, 102800042229, 0, 2765000000000, 459000000000000, 0, 1200000000000, 0},
    {"TPU-v6e", "Google", 1, 33554432000, 0, 1640000000000, 918000000000000, 0, 800000000000, 0},
};

std::optional<std::int64_t> part_of(std::int64_t whole, std::int64_t parts) {
  return whole == 0 ? std::nullopt : std::optional(whole / parts);
}

}  // namespace

TEST_CASE("every published device is a preset with the figures of its reference, a link's in one direction") {
  CHECK(std::size(kReferenceDevices) == device_names().size());
  for (const ReferenceDevice& row : kReferenceDevices) {
    CAPTURE(row.name);
    const Device device = device_preset(row.name);
    CHECK(device.name == row.name);
    CHECK(device.vendor == row.vendor);
    CHECK(device.capacity.bytes == Bytes(row.capacity / row.parts));
    CHECK(device.context.bytes == Bytes(row.context << 20));
    CHECK(device.memory_bandwidth == row.memory_bandwidth / row.parts);
    CHECK(device.bf16_flops == part_of(row.bf16_flops, row.parts));
    CHECK(device.fp32_flops == part_of(row.fp32_flops, row.parts));
    CHECK(device.link_bandwidth == part_of(row.link_bandwidth, 2 * row.parts));
    CHECK(device.host_link_bandwidth == part_of(row.host_link_bandwidth, row.parts));
  }
}
