#pragma once

#include <headroom/kernels/view.h>

namespace headroom::kernels {

/// Which of E experts the rows of a block pass, k each, and where: the rows that experts read and write are *places*,
/// those of one expert one behind the other, in the order of the rows that have them, expert behind expert. A place
/// that no row has is behind the others of its expert.
struct ExpertChoice {
  View experts;  ///< [b,r,k] int32, the best one first
  View places;   ///< [b,r,k] int32; -1: the expert was full, and the row is dropped there
  View weights;  ///< [b,r,k] fp32
  View first;    ///< [1,1,E+1] int32: expert e has the places first[e] to first[e+1], this one not included
};

}  // namespace headroom::kernels
