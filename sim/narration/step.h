#pragma once

#include <algorithm>
#include <cstdint>

#include "narration/distribution/crossing.h"
#include "narration/embedding.h"
#include "narration/head/choices.h"
#include "narration/layer/choices.h"
#include "narration/story.h"
#include "narration/units.h"
#include "narration/updates.h"
#include "narration/walk.h"

namespace headroom::sim {

/// Tells one whole training step to `listener`: embedding, layers, final norm, head and loss, backward, optimizer.
/// docs/runtime.md is the policy this follows.
template <class Listener>
class StepNarrator {
 public:
  StepNarrator(const StepPlan& plan, Listener& listener)
      : plan_(plan),
        story_(plan, listener),
        positions_(positions_weight(plan.job(), plan.fixed.ranks, plan.fixed.stage, Tokens(plan.all))),
        units_(story_, positions_),
        updates_(story_) {}

  void tell() {
    model_state();
    micro_batches();
    optimizer_step();
  }

  /// One layer's forward alone, as the job's recompute choice runs it: a layer that starts a segment under full
  /// recompute, one in the middle of a segment under every k.
  void tell_layer_forward(std::size_t kind) {
    layer_forward(0, kind, forward_pass(plan_.fixed.runs.front().schedule.segment_layers() == 1));
  }
  /// One layer's recompute alone, as that of the last layer of its segment or of another one.
  void tell_layer_recompute(std::size_t kind, bool is_last) { layer_forward(0, kind, recompute_pass(!is_last)); }
  void tell_layer_backward(std::size_t kind) { layer_backward(0, kind); }
  void tell_embedding_forward() { embedding_forward(); }
  void tell_embedding_backward() { embedding_backward(); }
  void tell_head() { head(true); }

 private:
  using S = Story<Listener>;

  const StepPlan& plan_;
  S story_;
  Weight positions_;  ///< absent unless learned
  UnitNarrator<Listener> units_;
  UpdateNarrator<Listener> updates_;

  static constexpr Role kEmbeddingMask{"embedding dropout mask", "b·#·h", "Korthikanti et al. 4.3"};

  [[nodiscard]] Tensor embedding_mask() const {
    return {kEmbeddingMask, plan_.whole().symbol, Shape(plan_.batch, plan_.s, plan_.job().model.hidden), DType::uint8,
            Category::saved_activations};
  }

  // --- the micro-batches of a stage ----------------------------------------------------------------------------------

  /// The schedule's operations in order. Equal ones are told once; whole periods behind the first one leave every level
  /// as they find it, so that only the plain unrolling tells them.
  void micro_batches() {
    const PipelineSchedule schedule(plan_.fixed.stage);
    const std::int64_t pairs = schedule.all() - schedule.ahead();
    const auto forward = [&](std::int64_t k) { run_forward(schedule.forward_run(k)); };
    const auto backward = [&](std::int64_t k) { run_backward(schedule.backward_run(k), k == 0); };
    for_alike(schedule, 0, schedule.ahead(), 0, forward);
    if (pairs > 0) {
      forward(schedule.ahead());
      backward(0);
    }
    const std::int64_t told =
        Listener::kUnrolls ? pairs : std::min(pairs, 1 + schedule.period() + (pairs - 1) % schedule.period());
    for_alike(schedule, 1, told, schedule.ahead(), [&](std::int64_t k) {
      forward(schedule.ahead() + k);
      backward(k);
    });
    for_alike(schedule, pairs, schedule.all(), 0, backward);
  }

  /// tell(k) for each k, or for the first of those that are alike: of the same runs, at k and at k + ahead.
  template <class Tell>
  void for_alike(const PipelineSchedule& schedule, std::int64_t first, std::int64_t end, std::int64_t ahead,
                 Tell tell) {
    for (std::int64_t k = first; k < end;) {
      const std::int64_t next = std::min({end, schedule.next_change(k), schedule.next_change(k + ahead) - ahead});
      if constexpr (Listener::kUnrolls) {
        for (std::int64_t i = k; i < next; ++i) tell(i);
      } else {
        story_.repeat(next - k, 0, [&] { tell(k); });
      }
      k = next;
    }
  }

  [[nodiscard]] bool is_first(std::int64_t run) const { return run == 0 && plan_.fixed.stage.has_embedding(); }
  [[nodiscard]] bool is_last(std::int64_t run) const {
    return run == plan_.fixed.stage.chunks - 1 && plan_.fixed.stage.has_head();
  }

  /// What comes from and goes to other stages is told at an instant of the layer that it touches.
  void run_forward(std::int64_t run) {
    run_ = &plan_.fixed.runs[static_cast<std::size_t>(run)];
    if (is_first(run)) {
      embedding_forward();
    } else {
      at_layer(0, Instant::attention_forward);
      story_.born(Stream(plan_).input);
    }
    forward_layers();
    if (is_last(run)) return;
    at_layer(run_->schedule.pattern().layers() - 1, Instant::feed_forward_forward);
    story_.dies(Stream(plan_).input);
  }

  void run_backward(std::int64_t run, bool bears_loss) {
    run_ = &plan_.fixed.runs[static_cast<std::size_t>(run)];
    if (is_last(run)) {
      head(bears_loss);
    } else {
      at_layer(run_->schedule.pattern().layers() - 1, Instant::feed_forward_backward);
      story_.born(Stream(plan_).gradient);
    }
    backward_layers();
    if (is_first(run)) return embedding_backward();
    at_layer(0, Instant::attention_backward);
    story_.dies(Stream(plan_).gradient);
  }

  /// `layer` counts from the first one of the run.
  void at_layer(std::int64_t layer, Instant instant) {
    story_.layer(run_->first_layer + layer);
    story_.at(instant);
  }

  // --- what persists -------------------------------------------------------------------------------------------------

  void model_state() {
    story_.at(Instant::model_state);
    for_every_group([this](const WeightGroups& groups) { story_.born(groups.persistent); });
    for_each_persistent(positions_, plan_.fixed.states, [this](const Tensor& t) { story_.born(t); });
    if (!plan_.fixed.states.states_on_host) return;
    for_every_group([this](const WeightGroups& groups) { story_.host_born(groups.host); });
    for_each_persistent_on_host(positions_, plan_.fixed.states, [this](const Tensor& t) { story_.host_born(t); });
  }

  void optimizer_step() {
    if (plan_.fixed.states.updates_in_backward) return loss_dies();
    story_.at(Instant::optimizer_step);
    if (plan_.fixed.states.states_on_host) return optimizer_step_on_host();
    for_every_group([this](const WeightGroups& groups) { story_.dies(groups.gradients); });
    story_.dies_if(positions_.present, plan_.fixed.states.gradient(positions_));
    loss_dies();
  }

  void loss_dies() { story_.dies_if(plan_.fixed.stage.has_head(), HeadTensors(plan_).loss); }

  void optimizer_step_on_host() {
    const auto update = [this](const Weight& weight) { updates_.update(weight); };
    for_each_weight(plan_.fixed.model_weights, update);
    for_all_layers([&](std::size_t kind) { for_each_weight(plan_.fixed.layer_weights[kind], update); });
    if (positions_.present) update(positions_);
    loss_dies();
  }

  /// f(kind) for every layer of the stage.
  template <class F>
  void for_all_layers(F f) {
    for (const StageRun& run : plan_.fixed.runs) {
      run_ = &run;
      for_layers_forward([&](std::int64_t i, bool) { f(kind_of(i)); });
    }
  }

  template <class F>
  void for_every_group(F f) {
    f(plan_.fixed.outside_layers);
    for_all_layers([&](std::size_t kind) { f(plan_.fixed.layer_groups[kind]); });
  }

  // --- outside the layers --------------------------------------------------------------------------------------------

  void embedding_forward() {
    story_.at(Instant::embedding);
    story_.born(Embedding::tokens(plan_));
    story_.born_if(plan_.fixed.stage.has_head(), Embedding::targets(plan_));
    units_.in_front_of(*run_, Works::kEmbedding);
    Embedding::gather(story_, plan_);
    units_.behind(*run_, Works::kEmbedding);
    story_.born_if(plan_.job().dropout, embedding_mask());
  }

  void embedding_backward() {
    story_.at(Instant::embedding_backward);
    story_.dies_if(plan_.job().dropout, embedding_mask());
    story_.writes_gradient(positions_, true);
    const Tensor dx = Stream(plan_).gradient;
    const Crossing crossing(plan_, plan_.whole(), kGatheredGradient);
    crossing.enter(story_, dx, true);
    story_.writes_gradient(plan_.fixed.model_weights.embedding, !plan_.fixed.head_writes_embedding());
    crossing.entered(story_, dx, true);
    story_.dies(Embedding::tokens(plan_));
    updates_.finish_unit([this](auto f) { for_each_table(plan_.fixed.model_weights, positions_, f); });
  }

  void head(bool bears_loss) {
    const HeadTensors t(plan_, bears_loss);
    const JobPlan& fixed = plan_.fixed;
    story_.at(Instant::final_norm);
    story_.born_if(!fixed.stage.has_embedding(), Embedding::targets(plan_));
    units_.in_front_of(*run_, run_->works.head());
    story_.born(t.norm_out);
    story_.born(t.norm_statistics);
    with_choice(HeadChoices{}, fixed.method.head, [&](auto head) { decltype(head)::run(story_, t); });
    story_.dies(Embedding::targets(plan_));
    story_.at(Instant::final_norm_backward);
    story_.writes_gradients(fixed.model_weights.final_norm, true);
    story_.dies(t.norm_statistics);
    story_.dies(t.stream.input);
    units_.behind(*run_, run_->works.head());
    updates_.finish_unit([&fixed](auto f) {
      for_each_head_weight(fixed.model_weights, [&](const Weight& weight) {
        const bool belongs_to_embedding = &weight == &fixed.model_weights.embedding && fixed.stage.has_embedding();
        if (!belongs_to_embedding) f(weight);
      });
    });
  }

  // --- layers --------------------------------------------------------------------------------------------------------

  void layer_forward(std::int64_t index, std::size_t kind, const Pass& pass) {
    story_.layer(run_->first_layer + index);
    const LayerContext ctx(plan_, kind);
    with_choice(LayerChoices{}, plan_.fixed.method.feed_forward,
                [&](auto layer) { decltype(layer)::forward(story_, ctx, pass); });
  }

  void layer_backward(std::int64_t index, std::size_t kind) {
    story_.layer(run_->first_layer + index);
    const LayerContext ctx(plan_, kind);
    with_choice(LayerChoices{}, plan_.fixed.method.feed_forward,
                [&](auto layer) { decltype(layer)::backward(story_, ctx); });
  }

  /// A work on a layer, with the units that come in front of it and go behind it.
  template <class Tell>
  void layer_work(std::int64_t layer, Instant instant, std::int64_t work, Tell tell) {
    at_layer(layer, instant);
    units_.in_front_of(*run_, work);
    tell();
    units_.behind(*run_, work);
  }

  void forward_work(std::int64_t i, bool starts_segment) {
    layer_work(i, Instant::attention_forward, run_->works.forward(i),
               [&] { layer_forward(i, kind_of(i), forward_pass(starts_segment)); });
  }
  void recompute_work(std::int64_t i) {
    layer_work(i, Instant::attention_recompute, run_->works.recompute(i),
               [&] { layer_forward(i, kind_of(i), recompute_pass(true)); });
  }
  void backward_work(std::int64_t i) {
    layer_work(i, Instant::feed_forward_backward, run_->works.backward(i), [&] { layer_backward(i, kind_of(i)); });
    finish_layer(i);
  }
  /// Of the last layer of a segment.
  void recompute_and_backward_work(std::int64_t i) {
    if (plan_.fixed.keeps_forward) return backward_work(i);
    layer_work(i, Instant::attention_recompute, run_->works.backward(i), [&] {
      layer_forward(i, kind_of(i), recompute_pass(false));
      layer_backward(i, kind_of(i));
    });
    finish_layer(i);
  }

  void finish_layer(std::int64_t i) {
    updates_.finish_unit([&](auto f) { for_each_weight(plan_.fixed.layer_weights[kind_of(i)], f); });
  }

  [[nodiscard]] Pass forward_pass(bool starts_segment) const {
    const bool keeps = plan_.fixed.keeps_forward;
    return {false, keeps, keeps || (starts_segment && !plan_.job().method.offload_checkpoints), true};
  }
  [[nodiscard]] static Pass recompute_pass(bool has_output) { return {true, true, true, has_output}; }

  [[nodiscard]] std::size_t kind_of(std::int64_t layer) const { return run_->schedule.pattern().kind_of(layer); }

  template <class F>
  void over(const std::vector<Stretch>& list, F f) {
    sim::over(story_, list, f);
  }

  /// The same as over() from the last layer to the first.
  template <class F>
  void over_reversed(const std::vector<Stretch>& list, F f) {
    for (auto stretch = list.rbegin(); stretch != list.rend(); ++stretch) {
      const std::int64_t end = stretch->first + stretch->unit * stretch->repeat;
      story_.repeat(stretch->repeat, -stretch->unit, [&] {
        for (std::int64_t i = end - 1; i >= end - stretch->unit; --i) f(i);
      });
    }
  }

  template <class F>
  void for_layers_forward(F f) {
    sim::for_layers_forward(story_, run_->schedule, f);
  }

  void forward_layers() {
    for_layers_forward([&](std::int64_t i, bool starts_segment) {
      if (starts_segment) offload_checkpoint(i);
      forward_work(i, starts_segment);
    });
  }

  /// A segment's input goes to the host in front of its first layer, where checkpoints are offloaded.
  void offload_checkpoint(std::int64_t layer) {
    if (!plan_.job().method.offload_checkpoints) return;
    at_layer(layer, Instant::attention_forward);
    story_.host_born(Stream(plan_).input);
  }

  /// And comes back in front of its recompute.
  void fetch_checkpoint(std::int64_t layer) {
    if (!plan_.job().method.offload_checkpoints) return;
    at_layer(layer, Instant::attention_recompute);
    story_.born(Stream(plan_).input);
    story_.host_dies(Stream(plan_).input);
  }

  void backward_layers() {
    if constexpr (Listener::kUnrolls) {
      const std::int64_t k = run_->schedule.segment_layers();
      const std::int64_t layers = run_->schedule.pattern().layers();
      for (std::int64_t first = (layers - 1) / k * k; first >= 0; first -= k)
        plain_segment_backward(first, std::min(first + k, layers));
    } else {
      const auto& stretches = run_->schedule.stretches();
      for (auto stretch = stretches.rbegin(); stretch != stretches.rend(); ++stretch) {
        story_.repeat(stretch->repeat, -stretch->unit, [&] {
          const std::int64_t shift = stretch->unit * (stretch->repeat - 1);
          for (auto segment = stretch->segments.rbegin(); segment != stretch->segments.rend(); ++segment)
            segment_backward(*segment, shift);
        });
      }
    }
  }

  void plain_segment_backward(std::int64_t first, std::int64_t end) {
    if (!plan_.fixed.keeps_forward) {
      fetch_checkpoint(first);
      for (std::int64_t i = first; i + 1 < end; ++i) recompute_work(i);
    }
    recompute_and_backward_work(end - 1);
    for (std::int64_t i = end - 2; i >= first; --i) backward_work(i);
  }

  /// The copy of the segment that is `shift` layers behind it: the stretch's last, which is the first that backward
  /// meets.
  void segment_backward(const Segment& segment, std::int64_t shift) {
    if (!plan_.fixed.keeps_forward) {
      fetch_checkpoint(shift + segment.first);
      over(segment.without_last, [&](std::int64_t i) { recompute_work(shift + i); });
    }
    recompute_and_backward_work(shift + segment.first + segment.layers - 1);
    over_reversed(segment.without_last, [&](std::int64_t i) { backward_work(shift + i); });
  }

  const StageRun* run_ = plan_.fixed.runs.data();  ///< the one that is told
};

}  // namespace headroom::sim
