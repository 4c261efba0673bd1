#pragma once

#include <headroom/models/job.h>

namespace headroom::measure {

/// Throws InputError in a sentence where a valid job of inference cannot be run (docs/runtime.md section 13).
void require_inference(const Job& job);

}  // namespace headroom::measure
