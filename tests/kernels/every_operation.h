#pragma once

#include <string>
#include <utility>
#include <vector>

#include "operand.h"

namespace headroom::test {

/// Runs every operation of a backend once on tensors of some hundred KiB and returns what each wrote, by name.
/// `before` and `after` are called around the kernels, with every tensor allocated.
[[nodiscard]] std::vector<std::pair<std::string, Values>> run_every_operation(Device& device, Type type,
                                                                              void (*before)() = nullptr,
                                                                              void (*after)() = nullptr);

}  // namespace headroom::test
