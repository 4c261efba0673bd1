#pragma once

#include <span>

#include <headroom/models/device.h>
#include <headroom/models/record.h>

namespace headroom {

/// The device with capacity, context, workspace and allocator slack as the records measured them, each figure the
/// largest of all records (the capacity: the smallest), MEASURED, with the records' device and driver as origin.
/// Throws InputError where there is no record, one is of another device than the first, or one lacks the figures.
[[nodiscard]] Device calibrated(const Device& device, std::span<const Record> records);

}  // namespace headroom
