#include <headroom/sim/published/korthikanti.h>

#include "published/product.h"

namespace headroom::sim::published::korthikanti {
namespace {

/// The scores, 5as^2b, and what they are beside sbh: terms of every line of table 2.
Bytes scores(const Symbols& x) { return term(5, {x.a, x.s, x.s, x.b}); }
Rational over_t(Bytes bytes, const Symbols& x) { return {bytes.count(), x.t}; }
Rational whole(Bytes bytes) { return bytes.count(); }
Bytes sbh(std::int64_t coefficient, const Symbols& x) { return term(coefficient, {x.s, x.b, x.h}); }

}  // namespace

Bytes attention(const Symbols& x) { return sbh(11, x) + scores(x); }
Bytes mlp(const Symbols& x) { return sbh(19, x); }
Bytes layer_norms(const Symbols& x) { return sbh(4, x); }

Bytes layer(const Symbols& x) { return sbh(34, x) + scores(x); }
Rational layer_tensor(const Symbols& x) { return whole(sbh(10, x)) + over_t(sbh(24, x) + scores(x), x); }
Rational layer_tensor_sequence(const Symbols& x) { return over_t(sbh(34, x) + scores(x), x); }
Rational layer_tensor_selective(const Symbols& x) { return whole(sbh(10, x)) + over_t(sbh(24, x), x); }
Rational layer_tensor_sequence_selective(const Symbols& x) { return over_t(sbh(34, x), x); }
Bytes layer_full_recompute(const Symbols& x) { return sbh(2, x); }
Bytes layer_selective(const Symbols& x) { return sbh(34, x); }

Rational first_stage(const Symbols& x) { return over_t(x.L * (sbh(34, x) + scores(x)), x); }
Rational interleaving(const Symbols& x) { return Rational(1) + Rational(x.p - 1, checked_mul(x.p, x.m)); }
Rational stage(const Rational& layer, const Symbols& x) {
  return Rational(x.L) * layer * (x.m > 1 ? interleaving(x) : Rational(1));
}

Rational extra_terms(const Symbols& x) {
  const Rational embedding = over_t(x.p * sbh(1, x), x);
  return x.p == 1 ? embedding + over_t(sbh(4, x) + term(4, {x.s, x.b, x.v}), x) : embedding;
}
Bytes outside_layers(const Symbols& x) { return sbh(5, x) + term(4, {x.s, x.b, x.v}); }
Bytes freed_outputs(const Symbols& x) { return x.p * sbh(2, x); }

std::int64_t parameters(const Symbols& x) { return checked_add(product(12, {x.L, x.h, x.h}), checked_mul(x.v, x.h)); }
Rational model_states(const Symbols& x) { return {checked_mul(18, parameters(x)), checked_mul(x.t, x.p)}; }

}  // namespace headroom::sim::published::korthikanti
