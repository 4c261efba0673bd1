#include "runnable_inference.h"

#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/error.h>

namespace headroom::measure {
namespace {

void require_passes(const Inference& inference) {
  if (inference.prefill_batch < 1) {
    throw InputError(fmt::format("prefill_batch must be at least 1, not {}", inference.prefill_batch));
  }
  if (inference.cache == CacheType::fp8) {
    throw InputError("a KV cache in fp8 is predicted, not run yet: give cache 'compute', 'fp32' or 'bf16'");
  }
}

void require_whole_sequences(const Job& job) {
  const SequenceDistribution sequence = job.method.sequence;
  if (job.degrees.sequence > 1) {
    throw InputError(
        fmt::format("sequence_parallel is {}, and in inference no ranks share a sequence: give tensor_parallel or "
                    "data_parallel instead",
                    job.degrees.sequence));
  }
  if (sequence == SequenceDistribution::fpdt) {
    throw InputError(
        "FPDT has keys and values on the host, and inference keeps them in its cache: give another "
        "sequence than 'fpdt'");
  }
  if (sequence == SequenceDistribution::megatron_sp && job.degrees.tensor > 1) {
    throw InputError("in inference tensor ranks have all tokens: give another sequence than 'megatron-sp'");
  }
}

void require_everything_there(const Job& job) {
  const Method& method = job.method;
  if (method.offload_checkpoints || method.offload_optimizer || method.offload_parameters) {
    throw InputError(
        "inference keeps everything on the device: leave offload_checkpoints, offload_optimizer and "
        "offload_parameters out");
  }
  if (method.sharding != StateSharding::none && job.degrees.data > 1) {
    throw InputError(
        fmt::format("sharding '{}' shares out states among data ranks, and in inference each has all "
                    "parameters: give sharding 'none'",
                    name_of(method.sharding)));
  }
  if (method.feed_forward == FeedForward::blockwise && method.key_values == KeyValues::recomputed) {
    throw InputError("inference keeps keys and values in its cache: give key_values 'kept'");
  }
}

void require_whole_latents(const Transformer& model) {
  const auto has_both = [](const LayerKind& kind) { return kind.latent && kind.window; };
  if (std::none_of(model.kinds.begin(), model.kinds.end(), has_both)) return;
  throw InputError(
      "inference keeps the latents of all tokens: leave the window out where a layer has latent attention");
}

}  // namespace

void require_inference(const Job& job) {
  require_passes(job.inference);
  require_whole_sequences(job);
  require_everything_there(job);
  require_whole_latents(job.model);
}

}  // namespace headroom::measure
