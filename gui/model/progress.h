#pragma once

#include <functional>

namespace headroom::gui {

/// Takes how far some work got, from 0 to 1, and says whether to go on; false: nobody waits for it any more.
using Progress = std::function<bool(double share)>;

}  // namespace headroom::gui
