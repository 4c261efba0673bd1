#pragma once

#include "narration/attention/flash.h"
#include "narration/attention/memory_efficient.h"
#include "narration/attention/vanilla.h"
#include "narration/choices.h"

namespace headroom::sim {

using AttentionChoices = Choices<VanillaAttention, MemoryEfficientAttention, FlashAttention>;

}  // namespace headroom::sim
