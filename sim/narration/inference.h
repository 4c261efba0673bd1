#pragma once

#include <algorithm>
#include <cstdint>

#include "narration/cache.h"
#include "narration/embedding.h"
#include "narration/head/tensors.h"
#include "narration/layer/choices.h"
#include "narration/story.h"
#include "narration/walk.h"

namespace headroom::sim {

/// Tells inference to `listener`: parameters and cache, the prompts of each group of sequences in chunks, and the token
/// that fills the cache. docs/runtime.md section 13 is the policy this follows.
template <class Listener>
class InferenceNarrator {
 public:
  InferenceNarrator(const StepPlan& plan, Listener& listener)
      : plan_(plan), layers_(plan.fixed.runs.front().schedule), listener_(listener) {}

  void tell() {
    what_persists();
    prefill();
    pass(decode_plan(plan_), true);
  }

  /// One pass's parts alone.
  void tell_embedding(const StepPlan& of) {
    S story(of, listener_);
    embedding(story, of);
  }
  void tell_layer(const StepPlan& of, std::size_t kind) {
    S story(of, listener_);
    layer(story, of, 0, kind);
  }

 private:
  using S = Story<Listener>;

  const StepPlan& plan_;
  const LayerSchedule& layers_;
  Listener& listener_;

  void what_persists() {
    S story(plan_, listener_);
    story.at(Instant::model_state);
    const JobPlan& fixed = plan_.fixed;
    story.born(fixed.outside_layers.persistent);
    for_layers(story, [&](std::int64_t, std::size_t kind) { story.born(fixed.layer_groups[kind].persistent); });
    const Weight positions = positions_weight(plan_.job(), fixed.ranks, fixed.stage, Tokens(plan_.all));
    for_each_persistent(positions, fixed.states, [&](const Tensor& t) { story.born(t); });
    for_layers(story, [&](std::int64_t, std::size_t kind) {
      const LayerContext ctx(plan_, kind);
      LayerCache(ctx).for_each_tensor(ctx, [&](const Tensor& t) { story.born(t); });
    });
  }

  /// Groups leave nothing behind, and none is larger than the first.
  void prefill() {
    const std::int64_t most = plan_.job().inference.prefill_batch;
    const std::int64_t told = Listener::kUnrolls ? plan_.batch : std::min(most, plan_.batch);
    for (std::int64_t first = 0; first < told; first += most) prompts(std::min(most, plan_.batch - first));
  }

  /// Chunks too leave nothing behind.
  void prompts(std::int64_t sequences) {
    const std::int64_t tokens = prefill_tokens(plan_);
    const std::int64_t chunks = ceil_div(plan_.all, tokens);
    for (std::int64_t chunk = 0; chunk < chunks; chunk = next_told(chunk, tokens)) {
      const std::int64_t past = chunk * tokens;
      const bool is_last = chunk == chunks - 1;
      pass(prefill_plan(plan_, sequences, past, std::min(tokens, plan_.all - past)), is_last);
    }
  }

  /// What grows with the past grows evenly until there is as much of it as the core takes of keys at once, or as a
  /// window spans: the first chunks behind such places, the first of all, the last whole one and the last are the only
  /// ones that can be first at a peak, and are told.
  [[nodiscard]] std::int64_t next_told(std::int64_t chunk, std::int64_t tokens) const {
    if constexpr (Listener::kUnrolls) return chunk + 1;
    std::int64_t next = ceil_div(plan_.all, tokens);
    const auto consider = [&](std::int64_t told) {
      if (told > chunk) next = std::min(next, told);
    };
    consider(next - 1);
    consider(plan_.all / tokens - 1);
    consider(ceil_div(plan_.chunk.kv, tokens) - 1);
    for (const LayerKind& kind : plan_.job().model.kinds) {
      if (kind.window) consider(ceil_div(*kind.window, tokens));
    }
    return next;
  }

  void pass(const StepPlan& of, bool has_head) {
    S story(of, listener_);
    embedding(story, of);
    for_layers(story, [&](std::int64_t index, std::size_t kind) { layer(story, of, index, kind); });
    if (has_head) return head(story, of);
    story.dies(Stream(of).input);
  }

  static void embedding(S& story, const StepPlan& of) {
    story.at(Instant::embedding);
    story.born(Embedding::tokens(of));
    Embedding::gather(story, of);
    story.dies(Embedding::tokens(of));
  }

  static void layer(S& story, const StepPlan& of, std::int64_t index, std::size_t kind) {
    story.layer(index);
    const LayerContext ctx(of, kind);
    with_choice(LayerChoices{}, of.fixed.method.feed_forward,
                [&](auto way) { decltype(way)::forward(story, ctx, kPass); });
  }

  /// Logits of the last token of each sequence.
  static void head(S& story, const StepPlan& of) {
    const Tensor x = Stream(of).input;
    const LastRows t(of);
    story.at(Instant::head_forward);
    story.born_if(of.s > 1, t.rows);
    story.dies_if(of.s > 1, x);
    story.born(t.norm_out);
    story.dies(of.s > 1 ? t.rows : x);
    story.born(t.logits);
    story.dies(t.norm_out);
    story.dies(t.logits);
  }

  struct LastRows {
    explicit LastRows(const StepPlan& of)
        : rows(of_hidden(kRows, of)),
          norm_out(of_hidden(HeadTensors::kNormOut, of)),
          logits(HeadTensors::logits(of, {1, "1"},
                                     of.fixed.method.head == Head::dense_fp32 ? DType::fp32 : of.fixed.compute)) {}

    Tensor rows, norm_out, logits;

   private:
    [[nodiscard]] static Tensor of_hidden(const Role& role, const StepPlan& of) {
      return {role, "1", Shape(of.batch, 1, of.job().model.hidden), of.fixed.compute, Category::head_and_loss};
    }
    static constexpr Role kRows{"last rows", "b·#·h", "runtime policy: inference"};
  };

  /// f(layer, kind).
  template <class F>
  void for_layers(S& story, F f) const {
    for_layers_forward(story, layers_, [&](std::int64_t i, bool) { f(i, layers_.pattern().kind_of(i)); });
  }

  static constexpr Pass kPass{false, false, false, true};
};

}  // namespace headroom::sim
