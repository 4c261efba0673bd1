#include <headroom/sim/published/flash.h>

#include "published/product.h"

namespace headroom::sim::published::flash_table21 {

Bytes pytorch(const Symbols& x) { return term(8, {x.b, x.a, x.s, x.s}) + term(20, {x.b, x.s, x.h}); }

Bytes flash(const Symbols& x) {
  const Bytes kept = term(22, {x.b, x.s, x.h}) + term(8, {x.b, x.a, x.s});
  return x.s > key_block(x) ? kept + term(4, {x.b, x.s, x.h}) : kept;
}

std::int64_t key_block(const Symbols& x) { return x.h <= checked_mul(64, x.a) ? 256 : 128; }

}  // namespace headroom::sim::published::flash_table21
