#pragma once

#include <cstdint>

#include <headroom/kernels/view.h>

#include "simt/pack.h"

// What the steps of all optimizers do with packs of a parameter.
namespace headroom::kernels::cuda {

/// What takes the step: the master copy where there is one.
[[nodiscard]] HEADROOM_HD inline ConstView stepping(const View& parameter, const View& master) {
  return master ? ConstView(master) : ConstView(parameter);
}

/// The parameter, and the master copy where there is one, take the values. Both are one piece, or both are not.
HEADROOM_HD inline void store_parameter(const View& parameter, const View& master, const simt::PackAt& at,
                                        const simt::PackAt& at_master, const simt::Pack& p) {
  simt::store(parameter.type, parameter.data, at, p);
  if (master) simt::store(master.type, master.data, at_master, p);
}

}  // namespace headroom::kernels::cuda
