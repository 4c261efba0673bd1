#pragma once

#include <cstdint>

#include "narration/layer/context.h"
#include "narration/story.h"

namespace headroom::sim {

/// How a latent is known.
struct LatentRoles {
  Role raw, statistics, normed, d_normed;
};

/// A narrow projection of the hidden state with a norm of its own, from which all heads are projected (DeepSeek-V2,
/// arXiv 2405.04434 section 2.1).
class Latent {
 public:
  /// Over `rows` as products see them; what a pass keeps is of category `kept`.
  Latent(const LayerContext& ctx, const LatentRoles& roles, Extent rows, std::int64_t width, const NormWeights& norm,
         Category kept)
      : norm_(norm),
        raw_(roles.raw, rows.symbol.tokens, Shape(ctx.b, rows.tokens, width), ctx.compute, kept),
        statistics_(roles.statistics, rows.symbol.tokens, ctx.statistics(rows), DType::fp32, kept),
        normed_(roles.normed, rows.symbol.tokens, Shape(ctx.b, rows.tokens, width), ctx.compute, kept),
        d_normed_(roles.d_normed, rows.symbol.tokens, Shape(ctx.b, rows.tokens, width), ctx.compute,
                  Category::attention) {}

  template <class S>
  void project(S& story) const {
    story.born(raw_);
  }
  template <class S>
  void normalize(S& story, bool keeps) const {
    story.born(normed_);
    story.born_if(keeps, statistics_);
    story.dies_if(!keeps, raw_);
  }
  /// The projections to the heads have read it.
  template <class S>
  void is_read(S& story) const {
    story.dies(normed_);
  }

  /// By the products with the weights that lead to the heads.
  template <class S>
  void gradient_born(S& story) const {
    story.born(d_normed_);
  }
  /// The norm's backward, in place.
  template <class S>
  void norm_backward(S& story, bool first) const {
    story.writes_gradients(norm_, first);
    story.dies(raw_);
    story.dies(statistics_);
  }
  template <class S>
  void gradient_dies(S& story) const {
    story.dies(d_normed_);
  }

 private:
  const NormWeights& norm_;
  Tensor raw_, statistics_, normed_, d_normed_;
};

/// Queries by way of a latent.
class LatentQuery {
 public:
  LatentQuery(const LayerContext& ctx, Extent rows, Category kept)
      : weights_(ctx.weights),
        latent_(ctx, kRoles, rows, *ctx.kind.latent->query_rank, ctx.weights.query_latent_norm, kept) {}

  template <class S>
  void forward(S& story, const Tensor& q, bool keeps) const {
    latent_.project(story);
    latent_.normalize(story, keeps);
    story.born(q);
    if (!keeps) latent_.is_read(story);
  }
  template <class S>
  void backward(S& story, const Tensor& dq, bool first) const {
    story.writes_gradients(weights_.query, first);
    latent_.is_read(story);
    latent_.gradient_born(story);
    story.dies(dq);
    latent_.norm_backward(story, first);
  }
  template <class S>
  void weights_backward(S& story, bool first) const {
    story.writes_gradients(weights_.query_down, first);
  }
  template <class S>
  void gradient_dies(S& story) const {
    latent_.gradient_dies(story);
  }

 private:
  static constexpr const char* kSource = "DeepSeek-V2, arXiv 2405.04434 section 2.1.2";
  static constexpr LatentRoles kRoles{{"raw query latent", "b·#·d_c'", kSource},
                                      {"query latent statistics", "b·#·n", "runtime policy: norms save row statistics"},
                                      {"query latent", "b·#·d_c'", kSource},
                                      {"d query latent", "b·#·d_c'", "runtime policy: latent attention"}};

  const LayerWeights& weights_;
  Latent latent_;
};

/// Keys and values of all heads by way of one latent, and a rotated key that all heads share.
class LatentKeyValue {
 public:
  LatentKeyValue(const LayerContext& ctx, Extent rows, Category kept)
      : LatentKeyValue(ctx, *ctx.kind.latent, rows, kept) {}

  /// Where this pass `bears` k and v. `input_read` behind the last product that reads the norm's output.
  template <class S, class InputRead>
  void forward(S& story, const Tensor& k, const Tensor& v, bool keeps, bool bears, InputRead input_read) const {
    latent_.project(story);
    story.born(rope_key_);
    input_read();
    latent_.normalize(story, keeps);
    story.born(nope_keys_);
    story.born_if(bears, k);
    story.dies(nope_keys_);
    story.dies(rope_key_);
    if (pads_values_) story.born(values_);
    if (!pads_values_) story.born_if(bears, v);
    if (!keeps) latent_.is_read(story);
    if (!pads_values_) return;
    story.born_if(bears, v);
    story.dies(values_);
  }

  /// The latent and the rope key go into a cache, and no heads are projected. `input_read` as above.
  template <class S, class InputRead>
  void compress(S& story, InputRead input_read) const {
    latent_.project(story);
    story.born(rope_key_);
    input_read();
    latent_.normalize(story, false);
    latent_.is_read(story);
    story.dies(rope_key_);
  }

  /// Within backward, what its own backward reads, where forward kept nothing of it.
  template <class S>
  void recompute(S& story) const {
    latent_.project(story);
    latent_.normalize(story, true);
  }

  /// From dk and dv, which die where they are `apart` from sums that span more.
  template <class S>
  void backward(S& story, const Tensor& dk, const Tensor& dv, bool apart, bool first) const {
    story.born(d_rope_key_);
    story.born(d_nope_keys_);
    story.dies_if(apart, dk);
    story.born_if(pads_values_, d_values_);
    story.dies_if(pads_values_ && apart, dv);
    story.writes_gradients(weights_.key, first);
    story.writes_gradients(weights_.value, first);
    latent_.is_read(story);
    latent_.gradient_born(story);
    story.dies(d_nope_keys_);
    story.dies_if(pads_values_, d_values_);
    story.dies_if(!pads_values_ && apart, dv);
    latent_.norm_backward(story, first);
  }
  template <class S>
  void weights_backward(S& story, bool first) const {
    story.writes_gradients(weights_.latent_down, first);
    story.writes_gradients(weights_.rope_key, first);
  }
  template <class S>
  void gradients_die(S& story) const {
    latent_.gradient_dies(story);
    story.dies(d_rope_key_);
  }

 private:
  LatentKeyValue(const LayerContext& ctx, const LatentAttention& latent, Extent rows, Category kept)
      : LatentKeyValue(ctx, latent, rows, Shape(ctx.b, rows.tokens, latent.rope_head_dim),
                       Shape(ctx.b, rows.tokens, ctx.heads, ctx.kind.head_dim - latent.rope_head_dim),
                       Shape(ctx.b, rows.tokens, ctx.heads, latent.value_head_dim), kept) {}
  LatentKeyValue(const LayerContext& ctx, const LatentAttention& latent, Extent rows, const Shape& rope,
                 const Shape& nope, const Shape& values, Category kept)
      : weights_(ctx.weights),
        latent_(ctx, kRoles, rows, latent.kv_rank, ctx.weights.latent_norm, kept),
        pads_values_(latent.value_head_dim < ctx.kind.head_dim),
        rope_key_(kRopeKey, rows.symbol.tokens, rope, ctx.compute, Category::attention),
        nope_keys_(kNopeKeys, rows.symbol, nope, ctx.compute, Category::attention),
        values_(kValues, rows.symbol, values, ctx.compute, Category::attention),
        d_rope_key_(kDRopeKey, rows.symbol.tokens, rope, ctx.compute, Category::attention),
        d_nope_keys_(kDNopeKeys, rows.symbol, nope, ctx.compute, Category::attention),
        d_values_(kDValues, rows.symbol, values, ctx.compute, Category::attention) {}

  static constexpr const char* kSource = "DeepSeek-V2, arXiv 2405.04434 section 2.1";
  static constexpr const char* kPolicy = "runtime policy: latent attention";
  static constexpr LatentRoles kRoles{{"raw latent", "b·#·d_c", kSource},
                                      {"latent statistics", "b·#·n", "runtime policy: norms save row statistics"},
                                      {"latent", "b·#·d_c", kSource},
                                      {"d latent", "b·#·d_c", kPolicy}};
  static constexpr Role kRopeKey{"rope key", "b·#·r", kSource};
  static constexpr Role kNopeKeys{"nope keys", "b·#·a·(d-r)", kSource};
  static constexpr Role kValues{"values", "b·#·a·e", kSource};
  static constexpr Role kDRopeKey{"d rope key", "b·#·r", kPolicy};
  static constexpr Role kDNopeKeys{"d nope keys", "b·#·a·(d-r)", kPolicy};
  static constexpr Role kDValues{"d values", "b·#·a·e", kPolicy};

  const LayerWeights& weights_;
  Latent latent_;
  bool pads_values_;  ///< the core has values as wide as keys
  Tensor rope_key_, nope_keys_, values_, d_rope_key_, d_nope_keys_, d_values_;
};

}  // namespace headroom::sim
