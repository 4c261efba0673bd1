#pragma once

#include <limits>

#include <headroom/kernels/experts.h>

#include "check.h"

// What experts ask of their operands, on every backend.
namespace headroom::kernels {

inline void require_int32(const ConstView& v, const char* operation, const char* rule) {
  require(v.type == Type::int32, operation, rule);
}

/// E, of an operand that expert_product and its kin take as `first`.
[[nodiscard]] inline std::int64_t experts_of(const ConstView& first) { return first.width - 1; }

inline void check_first(const ConstView& first, const char* operation) {
  require_int32(first, operation, "the first places are not int32");
  require(first.batch == 1 && first.rows == 1 && first.width > 1, operation,
          "the first places are no vector of one more than the experts");
}

/// Of k chosen things of each row.
inline void check_chosen(const ConstView& chosen, const ConstView& rows, std::int64_t k, const char* operation) {
  require_shape(chosen, rows.batch, rows.rows, k, operation, "the choice and the rows do not fit");
}

inline void check_choose(const ExpertChoice& choice, const ConstView& logits, const ConstView& correction,
                         std::int64_t capacity) {
  constexpr const char* kName = "choose_experts";
  const std::int64_t k = choice.experts.width;
  require(logits.type == Type::fp32 && choice.weights.type == Type::fp32, kName, "logits and weights are not fp32");
  require_int32(choice.experts, kName, "the chosen experts are not int32");
  require_int32(choice.places, kName, "the places are not int32");
  for (const View* chosen : {&choice.experts, &choice.places, &choice.weights}) check_chosen(*chosen, logits, k, kName);
  check_first(choice.first, kName);
  require(experts_of(choice.first) == logits.width, kName, "the first places and the logits differ in experts");
  require(k >= 1 && k <= logits.width, kName, "a row cannot pass more experts than there are");
  require_floating(kName, correction);
  if (correction) require_shape(correction, 1, 1, logits.width, kName, "the correction is no vector of the experts");
  require(capacity >= 0, kName, "the capacity is negative");
  require(choice.places.elements() <= std::numeric_limits<std::int32_t>::max() &&
              capacity <= std::numeric_limits<std::int32_t>::max() / logits.width,
          kName, "there are more places than int32 can count");
}

/// Of rows [b,r,h] and places [1,S,h] between which they move.
inline void check_places(const ConstView& rows, const ConstView& placed, const ConstView& places,
                         const char* operation) {
  require_floating(operation, rows, placed);
  require_int32(places, operation, "the places are not int32");
  check_chosen(places, rows, places.width, operation);
  require(placed.batch == 1 && placed.width == rows.width, operation, "the places and the rows differ in width");
}

inline void check_sum_places(const ConstView& out, const ConstView& placed, const ConstView& places,
                             const ConstView& weights) {
  check_places(out, placed, places, "sum_places");
  require_fp32(weights, "sum_places", "the weights are not fp32");
  if (weights) check_chosen(weights, out, places.width, "sum_places");
}

inline void check_sum_places_backward(const ConstView& placed, const ExpertChoice& choice, const ConstView& d_out) {
  constexpr const char* kName = "sum_places_backward";
  check_places(d_out, placed, choice.places, kName);
  require_int32(choice.experts, kName, "the chosen experts are not int32");
  require(choice.weights.type == Type::fp32, kName, "the weights are not fp32");
  for (const View* chosen : {&choice.experts, &choice.weights}) {
    check_chosen(*chosen, d_out, choice.places.width, kName);
  }
  check_first(choice.first, kName);
}

inline void check_logits_gradient(const ConstView& d_logits, const ConstView& d_chosen, const ConstView& experts) {
  constexpr const char* kName = "expert_logits_gradient";
  require(d_logits.type == Type::fp32 && d_chosen.type == Type::fp32, kName, "the gradients are not fp32");
  require_int32(experts, kName, "the chosen experts are not int32");
  check_chosen(d_chosen, d_logits, experts.width, kName);
  check_chosen(experts, d_logits, experts.width, kName);
}

inline void check_expert_weight(const ConstView& w, std::int64_t in, std::int64_t out, const ConstView& first,
                                const char* operation) {
  require_shape(w, 1, experts_of(first) * in, out, operation, "the experts' weights do not fit the places");
}

inline void check_expert_bias(const ConstView& bias, std::int64_t out, const ConstView& first, const char* operation) {
  require_shape(bias, 1, experts_of(first), out, operation, "the experts' biases do not fit the places");
}

/// Tensors of the same places.
inline void check_same_places(const ConstView& a, const ConstView& b, const ConstView& first, const char* operation) {
  check_first(first, operation);
  require(a.batch == 1 && b.batch == 1 && a.rows == b.rows, operation, "the operands differ in places");
}

inline void check_expert_product(const ConstView& out, const ConstView& x, const ConstView& w, const ConstView& bias,
                                 const ConstView& first) {
  require_floating("expert_product", out, x, w, bias);
  check_same_places(out, x, first, "expert_product");
  check_expert_weight(w, x.width, out.width, first, "expert_product");
  if (bias) check_expert_bias(bias, out.width, first, "expert_product");
}

inline void check_expert_product_transposed(const ConstView& out, const ConstView& x, const ConstView& w,
                                            const ConstView& first) {
  require_floating("expert_product_transposed", out, x, w);
  check_same_places(out, x, first, "expert_product_transposed");
  check_expert_weight(w, out.width, x.width, first, "expert_product_transposed");
}

inline void check_expert_weight_gradient(const ConstView& dw, const ConstView& x, const ConstView& dy,
                                         const ConstView& first) {
  require_floating("expert_weight_gradient", dw, x, dy);
  check_same_places(x, dy, first, "expert_weight_gradient");
  check_expert_weight(dw, x.width, dy.width, first, "expert_weight_gradient");
}

inline void check_expert_bias_gradient(const ConstView& db, const ConstView& dy, const ConstView& first) {
  require_floating("expert_bias_gradient", db, dy);
  check_same_places(dy, dy, first, "expert_bias_gradient");
  check_expert_bias(db, dy.width, first, "expert_bias_gradient");
}

inline void check_gate(const ConstView& gate, const ConstView& x, const char* operation) {
  require_floating(operation, x);
  require(gate.type == Type::fp32, operation, "the gate is not fp32");
  require_shape(gate, x.batch, x.rows, 1, operation, "the gate has not one value for each row");
}

inline void check_gate_backward(const ConstView& d_logit, const ConstView& d_x, const ConstView& x,
                                const ConstView& gate) {
  constexpr const char* kName = "gate_rows_backward";
  check_gate(gate, x, kName);
  check_gate(d_logit, x, kName);
  require_floating(kName, d_x);
  require_same_shape(d_x, x, kName, "the gradient and what it is of differ in shape");
}

}  // namespace headroom::kernels
