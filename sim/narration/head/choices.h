#pragma once

#include "narration/choices.h"
#include "narration/head/chunked.h"
#include "narration/head/dense.h"

namespace headroom::sim {

using HeadChoices = Choices<DenseHead<Head::dense_fp32, true>, DenseHead<Head::dense, false>, ChunkedHead, FusedHead>;

}  // namespace headroom::sim
