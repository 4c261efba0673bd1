#pragma once

#include "run.h"

/// Copies between the device's memory and the host's (docs/runtime.md section 11). Both are done when they return.
namespace headroom::measure {

void copy_to_host(const Run& run, const kernels::View& to, const kernels::View& from);
void copy_to_device(const Run& run, const kernels::View& to, const kernels::View& from);

/// A copy on the host of a tensor that is one piece.
[[nodiscard]] Tensor copy_on_host(const Run& run, const Label& label, const Tensor& tensor);
/// A tensor on the device with what its copy on the host has, which stays.
[[nodiscard]] Tensor fetched(const Run& run, const Label& label, const Tensor& copy);

/// A checkpoint's copy on the host.
[[nodiscard]] Tensor checkpoint_on_host(const Run& run, const Tensor& x);
/// The layer's input once more on the device; its copy on the host dies.
[[nodiscard]] Tensor checkpoint_from_host(const Run& run, Tensor& copy);

}  // namespace headroom::measure
