#include "expert_rules.h"
#include "integers.h"
#include "loops.h"

namespace headroom::kernels::host {

namespace {

/// `rows` rows of a tensor of one batch entry, from `first` on.
template <class Void>
BasicView<Void> rows_from(BasicView<Void> v, std::int64_t first, std::int64_t rows) {
  using Byte = std::conditional_t<std::is_const_v<Void>, const std::byte, std::byte>;
  v.data = static_cast<Byte*>(v.data) + first * v.width * size_of(v.type);
  v.rows = rows;
  return v;
}

/// One expert: where its places and its rows of weights are.
struct OneExpert {
  std::int64_t index = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;

  template <class Void>
  [[nodiscard]] BasicView<Void> places_of(const BasicView<Void>& v) const {
    return rows_from(v, first, count);
  }
  /// Of a tensor that has `rows` rows of each expert.
  template <class Void>
  [[nodiscard]] BasicView<Void> own(const BasicView<Void>& v, std::int64_t rows) const {
    return v ? rows_from(v, index * rows, rows) : v;
  }
};

template <class Body>
void for_each_expert(const ConstView& first, const Body& body) {
  for (std::int64_t e = 0; e < experts_of(first); ++e) {
    body(OneExpert{e, int32(first, 0, e), int32(first, 0, e + 1) - int32(first, 0, e)});
  }
}

}  // namespace

void HostBackend::expert_product(View out, ConstView x, ConstView w, ConstView bias, ConstView first, Write write) {
  check_expert_product(out, x, w, bias, first);
  for_each_expert(first, [&](const OneExpert& expert) {
    product(expert.places_of(out), expert.places_of(x), expert.own(w, x.width), expert.own(bias, 1), write);
  });
}

void HostBackend::expert_product_transposed(View out, ConstView x, ConstView w, ConstView first, Write write) {
  check_expert_product_transposed(out, x, w, first);
  for_each_expert(first, [&](const OneExpert& expert) {
    product_transposed(expert.places_of(out), expert.places_of(x), expert.own(w, out.width), {}, write);
  });
}

void HostBackend::expert_weight_gradient(View dw, ConstView x, ConstView dy, ConstView first, Write write) {
  check_expert_weight_gradient(dw, x, dy, first);
  for_each_expert(first, [&](const OneExpert& expert) {
    weight_gradient(expert.own(dw, x.width), expert.places_of(x), expert.places_of(dy), write);
  });
}

void HostBackend::expert_bias_gradient(View db, ConstView dy, ConstView first, Write write) {
  check_expert_bias_gradient(db, dy, first);
  for_each_expert(first,
                  [&](const OneExpert& expert) { bias_gradient(expert.own(db, 1), expert.places_of(dy), write); });
}

}  // namespace headroom::kernels::host
