#pragma once

#include "narration/choices.h"
#include "narration/distribution/head_exchange.h"
#include "narration/distribution/lss.h"
#include "narration/distribution/ring.h"
#include "narration/distribution/whole.h"

namespace headroom::sim {

using DistributionChoices = Choices<WholeSequences, Ring, HeadExchange<SequenceDistribution::ulysses, WholeSequences>,
                                    HeadExchange<SequenceDistribution::ring_ulysses, Ring>, GatheredKeyValues>;

}  // namespace headroom::sim
