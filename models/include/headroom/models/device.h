#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <headroom/models/bytes.h>
#include <headroom/models/provenance.h>

namespace headroom {

/// A number of bytes that did not come from the model: with how it is known and from where.
struct Figure {
  Bytes bytes;
  Certainty certainty = Certainty::assumed;
  std::string origin;

  bool operator==(const Figure&) const = default;
};

/// What a device is: its memory as a program sees it, and what is spent there before the first tensor.
struct Device {
  std::string name;
  std::string vendor;
  Figure capacity;         ///< ceiling for allocations: what the framework reports as total memory
  Figure context;          ///< context, modules, local memory
  Figure workspace;        ///< matrix-product workspace the runtime passes to the libraries
  Figure allocator_slack;  ///< held by the pool beyond live tensors
  std::optional<std::int64_t> memory_bandwidth;     ///< bytes/s
  std::optional<std::int64_t> bf16_flops;           ///< dense FLOP/s
  std::optional<std::int64_t> fp32_flops;           ///< dense FLOP/s
  std::optional<std::int64_t> link_bandwidth;       ///< bytes/s, one direction, to devices of the same node
  std::optional<std::int64_t> host_link_bandwidth;  ///< bytes/s, one direction
  Provenance provenance;

  bool operator==(const Device&) const = default;
};

/// A device that is nothing but a limit on allocated bytes (`--budget`): no context, workspace or slack.
[[nodiscard]] Device budget_device(Bytes budget);

/// Whether the device is nothing but a limit on allocated bytes.
[[nodiscard]] bool is_budget(const Device& device);

/// Throws InputError with one sentence when the capacity is not positive or an overhead is negative.
void validate(const Device& device);

}  // namespace headroom
