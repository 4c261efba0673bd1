#pragma once

#include "../choices.h"
#include "blockwise.h"
#include "sequential.h"

namespace headroom::sim {

using LayerChoices = Choices<SequentialLayer<WholeFeedForward>, SequentialLayer<ChunkedFeedForward>, BlockwiseLayer>;

}  // namespace headroom::sim
