#include <headroom/sim/published/memo.h>

#include "published/product.h"

namespace headroom::sim::published {

namespace memo {

std::int64_t skeletal_elements(const Symbols& x) { return product(16, {x.b, x.s, x.h}); }
std::int64_t attention_output_elements(const Symbols& x) { return product(1, {x.b, x.s, x.h}); }
Bytes skeletal(const Symbols& x) { return checked_mul(2, x.L) * Bytes(skeletal_elements(x)); }
Bytes layer_inputs(const Symbols& x) { return term(2, {x.b, x.s, x.h, x.L}); }

}  // namespace memo

namespace sppo {

Bytes activations(const Symbols& x) { return term(32, {x.b, x.s, x.h, x.L}); }

}  // namespace sppo

}  // namespace headroom::sim::published
