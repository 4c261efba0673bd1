#include <headroom/sim/published/ring.h>

#include "published/product.h"

namespace headroom::sim::published {

namespace ring_table1 {

Row vanilla(const Symbols& x) { return {term(2, {x.b, x.a, x.s, x.s}), term(8, {x.b, x.s, x.h})}; }
Row memory_efficient(const Symbols& x) {
  return {term(2, {x.b, x.s, x.h}) + term(4, {x.b, x.c, x.h}), term(8, {x.b, x.s, x.h})};
}
Row memory_efficient_ffn(const Symbols& x) { return {term(2, {x.b, x.s, x.h}), term(2, {x.b, x.s, x.h})}; }
Row ring(const Symbols& x) { return {term(6, {x.b, x.c, x.h}), term(2, {x.b, x.c, x.h})}; }

}  // namespace ring_table1

namespace ring {

Bytes blocks(const Symbols& x, std::int64_t bytes_per_element) { return term(6, {x.b, x.c, x.h, bytes_per_element}); }
Rational minimal_block(std::int64_t flops, std::int64_t bandwidth) { return {flops, bandwidth}; }
std::int64_t flops_per_token(const Symbols& x) { return checked_add(product(24, {x.h, x.h}), product(4, {x.s, x.h})); }
Rational minimal_sequence(std::int64_t flops, std::int64_t bandwidth) {
  return Rational(6) * Rational(flops, bandwidth);
}

}  // namespace ring

}  // namespace headroom::sim::published
