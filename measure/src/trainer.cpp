#include <headroom/measure/trainer.h>

#include <fmt/format.h>

#include <headroom/models/checked.h>
#include <headroom/models/error.h>
#include <headroom/models/format.h>

#include "crossing.h"
#include "distributed_cores.h"
#include "embedding.h"
#include "head.h"
#include "layers.h"
#include "norm.h"
#include "optimizer.h"
#include "persistent.h"
#include "units.h"
#include "vocabulary.h"

namespace headroom::measure {
namespace {

using kernels::Write;

/// Each layer has a state of its own on the heap; more than this is a slip of the pen.
constexpr std::int64_t kMaxLayers = 1 << 16;
constexpr NormLabels kFinalNorm{"final norm output", "final norm statistics", Category::head_and_loss};
constexpr Pass kKeepsAsHead{true, false, true};

kernels::Type compute_type(const Job& job) {
  return job.precision == Precision::fp32 ? kernels::Type::fp32 : kernels::Type::bf16;
}

/// What a description can say and no layer here computes yet.
void require_known_layers(const Transformer& model) {
  const auto refuse = [](bool present, std::string_view what) {
    if (present) throw InputError(fmt::format("{} cannot be run yet", what));
  };
  for (const LayerKind& kind : model.kinds) {
    refuse(kind.experts.has_value(), "a layer with experts");
    refuse(kind.latent.has_value(), "a layer with latent attention");
    refuse(kind.residual != Residual::pre_norm, "a layer with residual '" + std::string(name_of(kind.residual)) + "'");
    refuse(kind.qk_norm, "a layer with norms of queries and keys");
    refuse(kind.rotary_dim.value_or(kind.head_dim) != kind.head_dim, "a layer that rotates a part of each head");
  }
  refuse(!model.final_norm, "a model without a final norm");
  refuse(model.embedding_width.has_value(), "a model whose embedding has a width of its own");
}

void require_valid(const Job& job, const Training& training) {
  validate(job.model);
  require_known_layers(job.model);
  if (job.batch < 1) throw InputError(fmt::format("batch must be at least 1, not {}", job.batch));
  if (job.seq.count() < 1) throw InputError("the job has no sequence length: give the key 'seq'");
  if (job.method.feed_forward == FeedForward::blockwise && job.method.attention == Attention::vanilla) {
    throw InputError("blockwise feed-forward needs attention 'flash' or 'memory-efficient': vanilla has no blocks");
  }
  if (training.micro_batches < 1) {
    throw InputError(fmt::format("a step must have at least 1 micro-batch, not {}", training.micro_batches));
  }
  const std::int64_t batch = checked_mul(job.batch, job.degrees.data);
  (void)checked_mul(checked_mul(batch, training.micro_batches), checked_add(job.seq.count(), 1));
  const std::int64_t layers = layer_count(job.model);
  if (layers > kMaxLayers) {
    throw InputError(
        fmt::format("model '{}' has {} layers; at most {} can be run", job.model.name, layers, kMaxLayers));
  }
}

void require_checkpoints(const Job& job) {
  if (!job.method.offload_checkpoints) return;
  if (job.recompute.kind == RecomputeKind::full || job.recompute.kind == RecomputeKind::every) return;
  throw InputError(
      fmt::format("recompute '{}' has no checkpoints to offload: give recompute 'full' or 'every:K', or leave "
                  "offload_checkpoints out",
                  format_recompute(job.recompute)));
}

void require_host(const Job& job, const std::optional<Host>& host) {
  const bool is_fpdt = job.method.sequence == SequenceDistribution::fpdt;
  if (!host && (is_fpdt || job.method.offload_checkpoints || offloads_states(job))) {
    throw InputError("the job offloads, and there is no memory of the host to offload to");
  }
  if (offloads_states(job) && host->backend == nullptr) {
    throw InputError("the optimizer cannot be offloaded: this program was built without kernels of the host");
  }
}

const Job& runnable(const Job& job, const Training& training, std::int64_t ranks, const std::optional<Host>& host) {
  require_runnable(job, training, ranks);
  require_host(job, host);
  return job;
}

Observer& nobody() {
  static Observer observer;
  return observer;
}

/// What the head reads of the embedding.
Unit tied_unit(Weights& weights) { return weights.head ? Unit() : Unit{&weights.embedding}; }

/// Head and loss, from the last layer's output to the gradient of the residual stream, which is born here.
void head(const Run& run, Weights& weights, Tensor& output, Tensor& targets, Tensor& loss, Tensor& gradient) {
  run.enter({"final norm", {}});
  const Unit unit = head_unit(weights), tied = tied_unit(weights);
  open(run, unit);
  open(run, tied);
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
  close(run, unit);
  close(run, tied);
  hand_out_gradients(run, unit);
}

}  // namespace

void require_runnable(const Job& job, const Training& training, std::int64_t ranks) {
  require_valid(job, training);
  require_ranks(job, ranks);
  require_checkpoints(job);
}

struct Trainer::State {
  Job job;
  Training training;
  RankPlace place;
  Transformer part;  ///< the layers that the rank has
  std::vector<const LayerKind*> kinds;
  CoreOfJob core;
  Run run;
  Weights weights;

  State(kernels::Backend& backend, Memory& memory, const Job& of, const Training& how, Observer* observer,
        Communicator& communicator, const std::optional<Host>& host)
      : job(runnable(of, how, communicator.all().size(), host)),
        training(how),
        place(place_of(job, communicator.all().rank())),
        part(part_of_model(job.model, job.degrees.tensor)),
        kinds(kinds_by_layer(part)),
        core(job),
        run{backend,
            memory,
            host,
            job,
            training,
            observer == nullptr ? nobody() : *observer,
            communicator,
            core.get(),
            crossing_of(place),
            vocabulary_of(place),
            place,
            compute_type(job),
            chunks_of(job)},
        weights(describe_weights(job.model, job.seq.count(),
                                 {place.tensor_rank, place.tensor_ranks, place.shares_tokens()})) {}

  /// The loss, which still lives.
  Tensor micro_batch() {
    run.enter({"embedding", {}});
    Layers layers(run, weights, kinds);
    EmbeddingState embedding;
    Tensor targets, output, loss, gradient;
    embedding_forward(run, weights, embedding, targets, layers.input());
    layers.forward(output);
    run.observer.last_output(output);
    head(run, weights, output, targets, loss, gradient);
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
  run.enter({"optimizer step", {}});
  optimizer_step(run, state_->weights);
  run.backend.synchronize();
  return loss;
}

}  // namespace headroom::measure
