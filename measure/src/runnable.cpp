#include "runnable.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include <headroom/measure/rank_place.h>
#include <headroom/models/checked.h>
#include <headroom/models/error.h>
#include <headroom/models/format.h>

#include "run.h"
#include "runnable_inference.h"

namespace headroom::measure {
namespace {

/// Each layer has a state of its own on the heap; more than this is a slip of the pen.
constexpr std::int64_t kMaxLayers = 1 << 16;
constexpr std::int64_t kMaxPrefetch = 1024;

/// What a description can say and no layer here computes yet.
void require_known_layers(const Transformer& model) {
  const auto refuse = [](bool present, std::string_view what) {
    if (present) throw InputError(fmt::format("{} cannot be run yet", what));
  };
  for (const LayerKind& kind : model.kinds) {
    refuse(kind.residual == Residual::post_norm, "a layer with residual 'post-norm'");
  }
  refuse(!model.final_norm, "a model without a final norm");
  refuse(model.embedding_width.has_value(), "a model whose embedding has a width of its own");
}

void require_runnable_latents(const Job& job) {
  for (const LayerKind& kind : job.model.kinds) {
    if (!kind.latent) continue;
    if (kind.latent->value_head_dim > kind.head_dim) {
      throw InputError(
          fmt::format("values {} wide cannot be run with queries and keys {} wide: give value_head_dim at "
                      "most head_dim",
                      kind.latent->value_head_dim, kind.head_dim));
    }
    if (job.method.sequence == SequenceDistribution::fpdt) {
      throw InputError(
          "sequence 'fpdt' keeps queries, keys and values on the host and has no way for latents: give "
          "another one for a model with latent attention");
    }
  }
}

void require_valid(const Job& job, const Training& training) {
  validate(job.model);
  require_known_layers(job.model);
  require_runnable_latents(job);
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

void require_branches_in_turn(const Job& job) {
  if (job.method.sequence != SequenceDistribution::fpdt) return;
  for (const LayerKind& kind : job.model.kinds) {
    if (kind.residual == Residual::pre_norm) continue;
    throw InputError(
        fmt::format("FPDT finishes attention chunk by chunk in front of the feed-forward, and the layers of model '{}' "
                    "have residual '{}': give the key 'sequence' another value",
                    job.model.name, name_of(kind.residual)));
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

void require_prefetch(const Job& job) {
  if (job.method.prefetch >= 0 && job.method.prefetch <= kMaxPrefetch) return;
  throw InputError(fmt::format("prefetch must be between 0 and {}, not {}", kMaxPrefetch, job.method.prefetch));
}

void require_offloadable_parameters(const Job& job) {
  if (!job.method.offload_parameters) return;
  if (!job.method.offload_optimizer) {
    throw InputError(
        "offload_parameters needs the optimizer's states on the host too: give offload_optimizer, or leave "
        "offload_parameters out");
  }
  const bool has_parts = job.method.sharding == StateSharding::zero1 || job.method.sharding == StateSharding::zero2;
  if (!has_parts || place_of(job, 0).state_ranks() == 1) return;
  throw InputError(
      fmt::format("parameters cannot be offloaded with sharding '{}', whose ranks have whole parameters each: give "
                  "sharding 'zero3' or 'none', or leave offload_parameters out",
                  name_of(job.method.sharding)));
}

void require_one_gradient(const Job& job) {
  if (!job.optimizer.in_backward || !job.accumulate) return;
  throw InputError(
      "update_in_backward updates a parameter as soon as its gradient is there, and with accumulate a gradient is "
      "complete only behind the last micro-batch: leave one of the two out");
}

void require_whole_averages(const Job& job) {
  if (job.optimizer.kind != OptimizerKind::adafactor || !job.optimizer.factored) return;
  const auto has_experts = [](const LayerKind& kind) { return kind.experts.has_value(); };
  if (std::any_of(job.model.kinds.begin(), job.model.kinds.end(), has_experts)) {
    throw InputError(
        "the matrices of all experts are one tensor, which has no row and column averages of its own: give factored "
        "false, or another optimizer than Adafactor");
  }
  if (job.degrees.tensor > 1) {
    throw InputError(
        fmt::format("{} tensor ranks have parts of matrices, whose row and column averages are not those of the whole: "
                    "give factored false, or tensor_parallel 1",
                    job.degrees.tensor));
  }
  const std::int64_t ranks = place_of(job, 0).state_ranks();
  if (job.method.sharding == StateSharding::none || ranks == 1) return;
  throw InputError(
      fmt::format("row and column averages cannot be cut into shards for {} ranks: give factored false, or sharding "
                  "'none'",
                  ranks));
}

void require_host(const Job& job, const std::optional<Host>& host) {
  const bool is_fpdt = job.method.sequence == SequenceDistribution::fpdt;
  if (!host && (is_fpdt || job.method.offload_checkpoints || updates_on_host(job))) {
    throw InputError("the job offloads, and there is no memory of the host to offload to");
  }
  if (updates_on_host(job) && host->backend == nullptr) {
    throw InputError("the optimizer cannot be offloaded: this program was built without kernels of the host");
  }
}

}  // namespace

void require_runnable(const Job& job, const Training& training, std::int64_t ranks) {
  require_valid(job, training);
  if (job.mode == Mode::inference) require_inference(job);
  require_ranks(job, ranks);
  if (job.mode == Mode::inference) return;
  require_branches_in_turn(job);
  require_checkpoints(job);
  require_prefetch(job);
  require_offloadable_parameters(job);
  require_one_gradient(job);
  require_whole_averages(job);
}

const Job& trainable(const Job& job, const Training& training, std::int64_t ranks, const std::optional<Host>& host) {
  if (job.mode != Mode::training) throw InputError("the job does not train: give mode 'training'");
  require_runnable(job, training, ranks);
  require_host(job, host);
  return job;
}

const Job& generating(const Job& job, std::int64_t ranks) {
  if (job.mode != Mode::inference) throw InputError("the job reads no prompts: give mode 'inference'");
  require_runnable(job, {}, ranks);
  return job;
}

}  // namespace headroom::measure
