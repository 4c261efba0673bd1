#include <headroom/sim/published.h>

#include <initializer_list>

namespace headroom::sim::published {
namespace {

/// coefficient * product of the factors, in bytes.
Bytes term(std::int64_t coefficient, std::initializer_list<std::int64_t> factors) {
  std::int64_t product = coefficient;
  for (const std::int64_t factor : factors) product = checked_mul(product, factor);
  return Bytes(product);
}

}  // namespace

namespace korthikanti {

Bytes attention(const Symbols& x) { return term(11, {x.s, x.b, x.h}) + term(5, {x.a, x.s, x.s, x.b}); }
Bytes mlp(const Symbols& x) { return term(19, {x.s, x.b, x.h}); }
Bytes layer_norms(const Symbols& x) { return term(4, {x.s, x.b, x.h}); }
Bytes layer(const Symbols& x) { return term(34, {x.s, x.b, x.h}) + term(5, {x.a, x.s, x.s, x.b}); }
Bytes layer_selective(const Symbols& x) { return term(34, {x.s, x.b, x.h}); }
Bytes layer_full_recompute(const Symbols& x) { return term(2, {x.s, x.b, x.h}); }
Bytes outside_layers(const Symbols& x) { return term(5, {x.s, x.b, x.h}) + term(4, {x.s, x.b, x.v}); }

}  // namespace korthikanti

namespace ring_table1 {

Row vanilla(const Symbols& x) { return {term(2, {x.b, x.a, x.s, x.s}), term(8, {x.b, x.s, x.h})}; }
Row memory_efficient(const Symbols& x) {
  return {term(2, {x.b, x.s, x.h}) + term(4, {x.b, x.c, x.h}), term(8, {x.b, x.s, x.h})};
}
Row memory_efficient_ffn(const Symbols& x) { return {term(2, {x.b, x.s, x.h}), term(2, {x.b, x.s, x.h})}; }

}  // namespace ring_table1

}  // namespace headroom::sim::published
