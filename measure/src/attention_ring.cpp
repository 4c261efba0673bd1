#include <functional>

#include "attention_blocks.h"
#include "attention_kernels.h"
#include "distributed_cores.h"

namespace headroom::measure {
namespace {

using kernels::ConstView;
using kernels::View;

/// Born for a message from the rank before.
Tensor incoming(const CoreSite& site, const Label& label, const View& held) {
  return site.run.memory.tensor(label, held.type, {held.batch, held.rows, held.width});
}

/// Whose keys a rank holds in step `step`, as they stand in the sequence.
CoreSite in_step(const CoreSite& site, std::int64_t step) {
  const RankGroup& ring = site.run.communicator.ring();
  const std::int64_t owner = (ring.rank() - step + ring.size()) % ring.size();
  CoreSite of_step = site;
  of_step.keys.first = owner * site.keys.count;
  return of_step;
}

/// The keys and values that a rank holds, step by step.
class PassingKeys {
 public:
  PassingKeys(const CoreSite& site, AttentionState& state, bool own_stay)
      : site_(site), ring_(site.run.communicator.ring()), state_(state), own_stay_(own_stay) {}

  [[nodiscard]] View k() const { return k_ ? k_.view() : state_.k.view(); }
  [[nodiscard]] View v() const { return v_ ? v_.view() : state_.v.view(); }

  /// Calls `kernel` with the held ones while the next ones come in; then the held ones die.
  template <class Kernel>
  void pass(std::int64_t step, const Kernel& kernel) {
    Tensor next_k, next_v;
    if (step + 1 < ring_.size()) {
      next_k = incoming(site_, {"incoming k", Category::communication}, k());
      next_v = incoming(site_, {"incoming v", Category::communication}, v());
      ring_.begin_passing(next_k.view(), k());
      ring_.begin_passing(next_v.view(), v());
    }
    kernel(in_step(site_, step));
    ring_.finish_passing();
    held_die(step);
    k_ = std::move(next_k);
    v_ = std::move(next_v);
  }

 private:
  void held_die(std::int64_t step) {
    k_.dies();
    v_.dies();
    if (step > 0 || own_stay_) return;
    state_.k.dies();
    state_.v.dies();
  }

  const CoreSite& site_;
  RankGroup& ring_;
  AttentionState& state_;
  bool own_stay_;
  Tensor k_, v_;  ///< received
};

/// The fp32 sums of dk and dv, which follow their keys.
class PassingSums {
 public:
  /// Births those of the rank's own keys.
  explicit PassingSums(const CoreSite& site) : site_(site), ring_(site.run.communicator.ring()) {
    dk_ = site.run.fp32(kKeyAccumulator, site.keys.count, site.kv_width());
    dv_ = site.run.fp32(kValueAccumulator, site.keys.count, site.kv_width());
    site.run.backend.zero(dk_.view());
    site.run.backend.zero(dv_.view());
  }

  [[nodiscard]] const View& dk() const { return dk_.view(); }
  [[nodiscard]] const View& dv() const { return dv_.view(); }

  /// To the next rank. In the last step the rank's own come back, in fp32 as the gradients themselves.
  void pass(std::int64_t step) {
    const bool are_own = step + 1 == ring_.size();
    pass(dk_, are_own ? own("dk", kKeyAccumulator) : Label{"sum of dk of other keys", Category::communication});
    pass(dv_, are_own ? own("dv", kValueAccumulator) : Label{"sum of dv of other keys", Category::communication});
  }

  /// dk and dv are the rank's own sums, rounded.
  void take(AttentionGradients& gradients) {
    round(dk_, key_gradient(site_, gradients.k, site_.keys.count));
    round(dv_, value_gradient(site_, gradients.v, site_.keys.count));
  }

 private:
  [[nodiscard]] Label own(std::string_view gradient, const Label& accumulator) const {
    return site_.run.is_fp32() ? Label{gradient, Category::attention} : accumulator;
  }

  void pass(Tensor& sum, const Label& label) {
    Tensor next = incoming(site_, label, sum.view());
    ring_.begin_passing(next.view(), sum.view());
    ring_.finish_passing();
    sum = std::move(next);
  }

  void round(Tensor& sum, const Target& target) {
    if (site_.run.is_fp32()) {
      target.tensor = std::move(sum);
      return;
    }
    site_.run.backend.convert(target.open(site_.run), sum.view());
    sum.dies();
  }

  const CoreSite& site_;
  RankGroup& ring_;
  Tensor dk_, dv_;
};

/// Ring attention: a key block a rank, with running statistics (Liu et al., arXiv 2310.01889).
class RingCore : public AttentionCore {
 public:
  void forward(const CoreSite& site, AttentionState& state, const Pass& pass) const override {
    const Target o = attention_output(site, state.o, site.queries.count, site.all_queries(), pass);
    RunningBlocks running(site, site.queries.count, o, pass.category(Category::attention));
    PassingKeys keys(site, state, pass.keeps);
    for (std::int64_t step = 0; step < steps(site); ++step) {
      keys.pass(step, [&](const CoreSite& at) {
        blocks_add(at, running.view(), {}, state.q.view(), keys.k(), keys.v(), whole_block(at));
      });
    }
    if (!pass.keeps) state.q.dies();
    state.logsumexp = running.end();
    if (!pass.keeps) state.logsumexp.dies();
  }

  [[nodiscard]] bool reads_output() const override { return true; }

  void backward(const CoreSite& site, AttentionState& state, AttentionGradients& gradients) const override {
    const Run& run = site.run;
    Tensor delta = attention_rows(site, "D", site.queries.count);
    run.backend.attention_delta(delta.view(), gradients.o.view(), state.o.view(), site.heads);
    state.o.dies();
    Accumulator dq(run, query_gradient(site, gradients.q, site.queries.count, site.all_queries()), kQueryAccumulator);
    run.backend.zero(dq.sum());
    PassingSums sums(site);
    PassingKeys keys(site, state, false);
    for (std::int64_t step = 0; step < steps(site); ++step) {
      keys.pass(step, [&](const CoreSite& at) {
        blocks_backward(at, {dq.sum(), sums.dk(), sums.dv()}, {},
                        {state.q.view(), keys.k(), keys.v(), gradients.o.view(), state.logsumexp.view(), delta.view()},
                        whole_block(at));
      });
      if (step + 1 == steps(site)) queries_end(state, gradients, delta, dq);
      sums.pass(step);
    }
    sums.take(gradients);
  }

 private:
  static std::int64_t steps(const CoreSite& site) { return site.run.communicator.ring().size(); }
  static kernels::AttentionBlock whole_block(const CoreSite& site) {
    return site.block(site.all_queries(), site.all_keys());
  }

  /// Behind the last kernel.
  static void queries_end(AttentionState& state, AttentionGradients& gradients, Tensor& delta, Accumulator& dq) {
    state.q.dies();
    gradients.o.dies();
    state.logsumexp.dies();
    delta.dies();
    dq.round();
  }
};

}  // namespace

const AttentionCore& ring_core() {
  static const RingCore core;
  return core;
}

}  // namespace headroom::measure
