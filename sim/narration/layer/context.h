#pragma once

#include <cstdint>

#include <headroom/models/job.h>

#include "narration/plan.h"
#include "narration/tensor.h"

namespace headroom::sim {

/// How a layer's forward is run.
struct Pass {
  bool recompute;    ///< a repetition within backward (instants are named for it)
  bool keeps;        ///< leaves what backward reads
  bool keeps_input;  ///< the layer's input outlives the pass: a checkpoint, or read by backward
  bool has_output;   ///< false for the last layer of a recomputed segment: nobody reads its output
};

/// One layer's sizes and choices, read off the plan.
struct LayerContext {
  LayerContext(const StepPlan& step, std::size_t kind_index)
      : plan(step),
        kind(step.job().model.kinds[kind_index]),
        weights(step.fixed.layer_weights[kind_index]),
        method(step.fixed.method),
        b(step.batch),
        h(step.job().model.hidden),
        compute(step.fixed.compute),
        dropout(step.job().dropout),
        parallel(kind.residual == Residual::parallel || kind.residual == Residual::parallel_shared_norm),
        one_norm(kind.residual == Residual::parallel_shared_norm),
        row_statistics(step.job().model.norm == Norm::layernorm ? 2 : 1),
        part(step.fixed.layer_parts[kind_index]),
        symbols(part.symbols),
        queries(in_products(step.whole())),
        keys(queries),
        heads(part.heads),
        kv_heads(part.kv_heads),
        head_dim(kind.head_dim) {}

  const StepPlan& plan;
  const LayerKind& kind;
  const LayerWeights& weights;
  const Method& method;
  std::int64_t b;
  std::int64_t h;
  DType compute;
  bool dropout;
  bool parallel;                ///< attention and feed-forward both read the layer's input
  bool one_norm;                ///< and one norm of it
  std::int64_t row_statistics;  ///< LayerNorm saves mean and 1/sigma of each row, RMSNorm 1/rms
  const LayerPart& part;        ///< of the rank, whose heads the attention core may share out further
  const PartSymbols* symbols;   ///< of the attention core; null: the rank has all heads
  Extent queries;               ///< of the attention core
  Extent keys;                  ///< of the attention core
  std::int64_t heads;           ///< query heads of the attention core
  std::int64_t kv_heads;        ///< key and value heads of the attention core
  std::int64_t head_dim;        ///< of the attention core

  /// The layer's input is that of two norms, of which the feed-forward's is the last to read it.
  [[nodiscard]] bool reads_input_twice() const { return parallel && !one_norm; }

  /// Category of what a full-length pass leaves for backward: saved activations when the forward pass leaves it, the
  /// part's own working set when it is recomputed within backward.
  [[nodiscard]] Category kept(Category own) const {
    return plan.fixed.keeps_forward ? Category::saved_activations : own;
  }
  /// fp32 accumulators stand beside outputs of another type; an fp32 output accumulates in itself.
  [[nodiscard]] bool accumulates_apart() const { return compute != DType::fp32; }

  /// A block of the attention core's tokens.
  [[nodiscard]] Extent block(std::int64_t tokens, const char* symbol) const {
    return {tokens, {symbol, queries.symbol.parts}};
  }
  /// What products span of `rows` of the rank's tokens, and the rank's part of their widths.
  [[nodiscard]] Extent in_products(Extent rows) const {
    const Extent all = plan.grouped(rows);
    return {all.tokens, {all.symbol.tokens, part.symbols}};
  }

  [[nodiscard]] Shape residual(Extent rows) const { return {b, rows.tokens, h}; }
  [[nodiscard]] Shape statistics(Extent rows) const { return {b, rows.tokens, row_statistics}; }
};

/// The residual stream: one tensor per layer input and one gradient, which every backward operation updates in place.
struct Stream {
  explicit Stream(const StepPlan& plan) : Stream(plan, plan.whole()) {}
  Stream(const StepPlan& plan, Extent rows)
      : Stream(plan, rows, Shape(plan.batch, rows.tokens, plan.job().model.hidden)) {}

  Tensor input;     ///< x: input of a layer, and output of the one before
  Tensor middle;    ///< r: input plus attention
  Tensor gradient;  ///< dy, then dr, then dx in the same storage

 private:
  static constexpr Role kInput{"x (layer input)", "b·#·h", "Korthikanti et al. 4.1: layer-norm input"};
  static constexpr Role kMiddle{"r (input + attention)", "b·#·h", "Korthikanti et al. 4.1: layer-norm input"};
  static constexpr Role kGradient{"dx (residual gradient)", "b·#·h", "runtime policy: dx overwrites dy"};

  Stream(const StepPlan& plan, Extent rows, const Shape& shape)
      : input(kInput, rows.symbol, shape, plan.fixed.compute, Category::saved_activations),
        middle(kMiddle, rows.symbol, shape, plan.fixed.compute, Category::saved_activations),
        gradient(kGradient, rows.symbol, shape, plan.fixed.compute, Category::saved_activations) {}
};

}  // namespace headroom::sim
