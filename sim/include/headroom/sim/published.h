#pragma once

/// Formulas as papers print them, a header a paper.
#include <headroom/sim/published/flash.h>
#include <headroom/sim/published/korthikanti.h>
#include <headroom/sim/published/memo.h>
#include <headroom/sim/published/rabe_staats.h>
#include <headroom/sim/published/ring.h>
#include <headroom/sim/published/symbols.h>
#include <headroom/sim/published/transformer_math.h>
#include <headroom/sim/published/ulysses.h>
#include <headroom/sim/published/zero.h>
