#pragma once

#include "../choices.h"
#include "chunked.h"
#include "dense.h"

namespace headroom::sim {

using HeadChoices = Choices<DenseHead<Head::dense_fp32, true>, DenseHead<Head::dense, false>, ChunkedHead, FusedHead>;

}  // namespace headroom::sim
