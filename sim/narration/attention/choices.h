#pragma once

#include "../choices.h"
#include "flash.h"
#include "memory_efficient.h"
#include "vanilla.h"

namespace headroom::sim {

using AttentionChoices = Choices<VanillaAttention, MemoryEfficientAttention, FlashAttention>;

}  // namespace headroom::sim
