#include <headroom/sim/published/rabe_staats.h>

#include <algorithm>

#include "published/product.h"

namespace headroom::sim::published::rabe_staats {

Bytes arrays(const Symbols& x) { return term(10, {x.b, x.s, x.h}); }
Bytes gradient_arrays(const Symbols& x) { return term(12, {x.b, x.s, x.h}); }
Bytes standard(const Symbols& x) { return term(4, {x.b, x.a, x.s, x.s}); }
Bytes gradient_standard(const Symbols& x) { return term(8, {x.b, x.a, x.s, x.s}); }
Bytes chunked(const Symbols& x, std::int64_t keys) {
  const Bytes tile = term(4, {x.b, x.a, std::min(x.c, x.s), std::min(keys, x.s)});
  return std::max(tile, term(4, {x.b, x.s, x.h}));
}
Bytes gradient_chunked(const Symbols& x) { return term(4, {x.b, x.a, std::min(x.c, x.s), x.s}); }

}  // namespace headroom::sim::published::rabe_staats
