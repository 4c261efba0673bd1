#pragma once

#include <optional>

#include "narration/attention/head_norm.h"
#include "narration/attention/latent.h"
#include "narration/attention/tensors.h"

namespace headroom::sim {

/// From the norm's output to q, over `rows` of the rank's tokens: a product, with a norm of each head behind it where
/// the model has one, or by way of a latent.
class QueryProjection {
 public:
  QueryProjection(const LayerContext& ctx, Extent rows, Category kept)
      : weights_(ctx.weights), norm_(HeadNorm::of_queries(ctx, rows, kept)) {
    if (ctx.kind.latent && ctx.kind.latent->query_rank) latent_.emplace(ctx, rows, kept);
  }

  template <class S>
  void forward(S& story, const Tensor& q, bool keeps) const {
    if (latent_) return latent_->forward(story, q, keeps);
    norm_.forward(story, q, keeps);
  }
  /// Within backward, what its own backward reads, where forward kept nothing of it.
  template <class S>
  void recompute(S& story) const {
    norm_.recompute(story);
  }

  /// From dq to the gradient of the products that read the norm's output.
  template <class S>
  void backward(S& story, const Tensor& dq, bool first) const {
    if (latent_) return latent_->backward(story, dq, first);
    norm_.backward(story, first);
  }
  template <class S>
  void weights_backward(S& story, bool first) const {
    if (latent_) return latent_->weights_backward(story, first);
    story.writes_gradients(weights_.query, first);
  }
  /// The gradient of the norm's output has all it needs.
  template <class S>
  void gradient_dies(S& story, const Tensor& dq) const {
    if (latent_) return latent_->gradient_dies(story);
    story.dies(dq);
  }

 private:
  const LayerWeights& weights_;
  HeadNorm norm_;
  std::optional<LatentQuery> latent_;
};

/// The same to k and v.
class KeyValueProjection {
 public:
  KeyValueProjection(const LayerContext& ctx, Extent rows, Category kept)
      : weights_(ctx.weights), norm_(HeadNorm::of_keys(ctx, rows, kept)) {
    if (ctx.kind.latent) latent_.emplace(ctx, rows, kept);
  }

  /// Where this pass `bears` k and v. `input_read` behind the last product that reads the norm's output.
  template <class S, class InputRead>
  void forward(S& story, const Tensor& k, const Tensor& v, bool keeps, bool bears, InputRead input_read) const {
    if (latent_) return latent_->forward(story, k, v, keeps, bears, input_read);
    norm_.forward(story, k, keeps, bears);
    story.born_if(bears, v);
    input_read();
  }
  template <class S>
  void recompute(S& story) const {
    if (latent_) return latent_->recompute(story);
    norm_.recompute(story);
  }

  /// `apart`: dk and dv are tensors of these rows, and no part of sums that span more.
  template <class S>
  void backward(S& story, const KeyValueTensors& kv, bool apart, bool first) const {
    if (latent_) return latent_->backward(story, kv.dk.output, kv.dv.output, apart, first);
    norm_.backward(story, first);
  }
  template <class S>
  void weights_backward(S& story, bool first) const {
    if (latent_) return latent_->weights_backward(story, first);
    story.writes_gradients(weights_.key, first);
    story.writes_gradients(weights_.value, first);
  }
  template <class S>
  void gradients_die(S& story, const KeyValueTensors& kv, bool apart) const {
    if (latent_) return latent_->gradients_die(story);
    story.dies_if(apart, kv.dk.output);
    story.dies_if(apart, kv.dv.output);
  }

 private:
  const LayerWeights& weights_;
  HeadNorm norm_;
  std::optional<LatentKeyValue> latent_;
};

}  // namespace headroom::sim
