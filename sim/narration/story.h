#pragma once

#include <algorithm>
#include <cstdint>

#include <headroom/sim/instant.h>

#include "narration/plan.h"
#include "narration/tensor.h"
#include "narration/weights.h"

namespace headroom::sim {

/// What an instant of a training step is in a pass of inference.
[[nodiscard]] constexpr Instant in_pass(Instant of_step, Phase phase) {
  const bool decodes = phase == Phase::decode;
  switch (of_step) {
    case Instant::embedding: return decodes ? Instant::decode_embedding : Instant::prefill_embedding;
    case Instant::attention_forward: return decodes ? Instant::decode_attention : Instant::prefill_attention;
    case Instant::feed_forward_forward: return decodes ? Instant::decode_feed_forward : Instant::prefill_feed_forward;
    case Instant::head_forward: return decodes ? Instant::decode_head : Instant::prefill_head;
    default: return of_step;
  }
}

/// The verbs in which a training step is told to a listener. A listener has
///   static constexpr bool kUnrolls;                  true: loops run iteration by iteration, layers one by one
///   void at(Instant);  void layer(std::int64_t);     the instant and layer the following events belong to
///   void born(const Tensor&);  void dies(const Tensor&);   and the same of a TensorGroup
///   void repeat(n, layers_per_iteration, body);      n equal iterations; body tells the first one
/// Host memory is another one: it is told to listeners that have host_born and host_dies, of the same kinds.
template <class Listener>
class Story {
 public:
  static constexpr bool kUnrolls = Listener::kUnrolls;

  Story(const StepPlan& step, Listener& listener) : plan(step), listener_(listener) {}

  const StepPlan& plan;

  void at(Instant instant) { listener_.at(plan.phase == Phase::step ? instant : in_pass(instant, plan.phase)); }
  void layer(std::int64_t index) { listener_.layer(index); }
  void born(const Tensor& tensor) { listener_.born(tensor); }
  void dies(const Tensor& tensor) { listener_.dies(tensor); }

  void born(const TensorGroup& group) {
    if (!group.tensors.empty()) listener_.born(group);  // else nothing happens at the instant
  }
  void dies(const TensorGroup& group) { listener_.dies(group); }

  template <class What>
  void host_born(const What& what) {
    if constexpr (requires { listener_.host_born(what); }) listener_.host_born(what);
  }
  template <class What>
  void host_dies(const What& what) {
    if constexpr (requires { listener_.host_dies(what); }) listener_.host_dies(what);
  }

  /// What a tensor group exchanges, told to listeners that count it: all ranks receive the tokens of each other;
  /// partial sums go to the ranks whose tokens they are; or every rank has the sum, in place.
  void gathered_tokens(const Tensor& all) {
    if constexpr (requires { listener_.gathered_tokens(all); }) listener_.gathered_tokens(all);
  }
  void scattered_sums(const Tensor& sums) {
    if constexpr (requires { listener_.scattered_sums(sums); }) listener_.scattered_sums(sums);
  }
  void summed_in_place(const Tensor& sums) {
    if constexpr (requires { listener_.summed_in_place(sums); }) listener_.summed_in_place(sums);
  }

  void born_if(bool condition, const Tensor& tensor) {
    if (condition) born(tensor);
  }
  void dies_if(bool condition, const Tensor& tensor) {
    if (condition) dies(tensor);
  }

  /// Backward writes these gradients now. They are born at their first write of the step, which `first` tells, unless
  /// they have lived since before the first forward (gradient accumulation).
  void writes_gradients(const Linear& linear, bool first) {
    writes_gradient(linear.weight, first);
    writes_gradient(linear.bias, first);
  }
  void writes_gradients(const NormWeights& norm, bool first) {
    writes_gradient(norm.gain, first);
    writes_gradient(norm.bias, first);
  }
  void writes_gradient(const Weight& weight, bool first) {
    const StateKeeping& states = plan.fixed.states;
    const bool persists = states.accumulates && !states.shards_gradients;
    if (first && weight.present && !persists) born(weight.gradient);
  }

  /// From ZeRO-2 on a whole gradient becomes a shard behind its unit's backward.
  void hands_out(const Weight& weight) {
    const StateKeeping& states = plan.fixed.states;
    born(states.accumulates ? weight.received_shard : weight.gradient_shard);
    dies(weight.gradient);
    dies_if(states.accumulates, weight.received_shard);
  }

  template <class Body>
  void repeat(std::int64_t n, std::int64_t layers_per_iteration, Body body) {
    if (n > 0) listener_.repeat(n, layers_per_iteration, body);
  }

  /// Walks `length` tokens in chunks: body(table, first) with the table that make(tokens) gives for the chunk's tokens.
  /// Only the first iteration may give birth to what outlives it, so the equal ones behind it are told once.
  template <class Make, class Body>
  void chunks(std::int64_t length, std::int64_t chunk, Make make, Body body) {
    if constexpr (Listener::kUnrolls) {
      for (std::int64_t at = 0; at < length; at += chunk) body(make(std::min(chunk, length - at)), at == 0);
    } else {
      const std::int64_t full = length / chunk;
      const std::int64_t rest = length % chunk;
      if (full > 0) {
        const auto& table = make(chunk);
        body(table, true);
        if (full > 1) repeat(full - 1, 0, [&] { body(table, false); });
      }
      if (rest > 0) body(make(rest), full == 0);
    }
  }

  /// The same where nothing outlives an iteration, so that the first is like the others: body(table).
  template <class Make, class Body>
  void equal_chunks(std::int64_t length, std::int64_t chunk, Make make, Body body) {
    if constexpr (Listener::kUnrolls) {
      chunks(length, chunk, make, [&](const auto& table, bool) { body(table); });
    } else {
      const std::int64_t rest = length % chunk;
      if (const std::int64_t full = length / chunk; full > 0) {
        const auto& table = make(chunk);
        repeat(full, 0, [&] { body(table); });
      }
      if (rest > 0) body(make(rest));
    }
  }

 private:
  Listener& listener_;
};

}  // namespace headroom::sim
