#pragma once

#include "narration/choices.h"
#include "narration/layer/blockwise.h"
#include "narration/layer/sequential.h"

namespace headroom::sim {

using LayerChoices = Choices<SequentialLayer<WholeFeedForward>, SequentialLayer<ChunkedFeedForward>, BlockwiseLayer>;

}  // namespace headroom::sim
