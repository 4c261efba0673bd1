#include <headroom/measure/trainer.h>

#include "crossing.h"
#include "embedding.h"
#include "head.h"
#include "layers.h"
#include "optimizer.h"
#include "persistent.h"
#include "rank_model.h"
#include "runnable.h"
#include "units.h"
#include "vocabulary.h"
#include "works.h"

namespace headroom::measure {
namespace {

using kernels::Write;

constexpr Pass kKeepsAsHead{true, false, true};

/// Head and loss, from the last layer's output to the gradient of the residual stream, which is born here.
void head(const Run& run, Weights& weights, Works& works, Tensor& output, Tensor& targets, Tensor& loss,
          Tensor& gradient) {
  run.enter({"final norm", {}});
  works.begin();
  Normed normed = norm(run, kFinalNorm, output.view(), weights.final_norm, kKeepsAsHead);
  run.enter({"head", {}});
  head_way(run.job.method.head).run({run, weights, targets, normed.output, loss, gradient});
  if (run.place.state_ranks() > 1) run.communicator.states().all_reduce(loss.view());
  targets.dies();
  run.enter({"final norm backward", {}});
  norm_backward(run, gradient.view(), Write::set, gradient.view(), output.view(), normed.statistics.view(),
                weights.final_norm);
  normed.statistics.dies();
  output.dies();
  works.end();
  finish_backward(run, head_unit(weights));
}

}  // namespace

struct Trainer::State {
  RankModel model;
  Run run;
  Weights& weights;

  State(kernels::Backend& backend, Memory& memory, const Job& of, const Training& how, Observer* observer,
        Communicator& communicator, const std::optional<Host>& host)
      : model(trainable(of, how, communicator.all().size(), host), how, communicator.all().rank()),
        run{backend,
            memory,
            host,
            model.job,
            model.training,
            observer_or_nobody(observer),
            communicator,
            model.core.get(),
            nullptr,
            crossing_of(model.place),
            vocabulary_of(model.place),
            model.place,
            Rows{0, model.job.batch},
            model.compute_type(),
            chunks_of(model.job)},
        weights(model.weights) {}

  /// The loss, which still lives.
  Tensor micro_batch() {
    run.enter({"embedding", {}});
    const Segments segments = segments_of(model.job.recompute, static_cast<std::int64_t>(model.kinds.size()));
    Works works(run, weights, segments);
    Layers layers(run, weights, model.kinds, segments, works);
    EmbeddingState embedding;
    Tensor targets, output, loss, gradient;
    embedding_forward(run, weights, works, embedding, targets, layers.input());
    layers.forward(output);
    run.observer.last_output(output);
    head(run, weights, works, output, targets, loss, gradient);
    layers.backward(gradient);
    run.enter({"embedding backward", {}});
    embedding_backward(run, weights, embedding, gradient);
    return loss;
  }

  [[nodiscard]] double value_of_loss(const Tensor& loss) const {
    float value = 0;
    run.backend.synchronize();
    run.memory.resource().download(&value, loss.view().data, sizeof value);
    return value;
  }
};

Trainer::Trainer(kernels::Backend& backend, Memory& memory, const Job& job, const Training& training,
                 Observer* observer, Communicator& communicator, std::optional<Host> host)
    : state_(std::make_unique<State>(backend, memory, job, training, observer, communicator, host)) {
  state_->run.enter({"set-up", {}});
  birth_persistent(state_->run, state_->weights);
}

Trainer::~Trainer() = default;

Weights& Trainer::weights() { return state_->weights; }

double Trainer::step() {
  Run& run = state_->run;
  ++run.step;
  if (run.job.accumulate) birth_gradients(run, state_->weights);
  double loss = 0;
  Tensor last_loss;
  for (run.micro_batch = 0; run.micro_batch < run.micro_batches(); ++run.micro_batch) {
    last_loss.dies();
    last_loss = state_->micro_batch();
    loss += state_->value_of_loss(last_loss);
  }
  reduce_gradients(run, state_->weights);
  optimizer_step(run, state_->weights);
  run.backend.synchronize();
  return loss;
}

}  // namespace headroom::measure
