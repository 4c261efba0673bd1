#include <headroom/models/method.h>

namespace headroom {

template <>
std::span<const Named<Attention>> values_of<Attention>() {
  static constexpr Named<Attention> kValues[] = {
      {Attention::vanilla, "vanilla", "scores of all query and key pairs in memory"},
      {Attention::memory_efficient, "memory-efficient", "over query and key-value chunks (Rabe and Staats)"},
      {Attention::flash, "flash", "tiled; keeps the logsumexp of each row"},
  };
  return kValues;
}

template <>
std::span<const Named<FeedForward>> values_of<FeedForward>() {
  static constexpr Named<FeedForward> kValues[] = {
      {FeedForward::whole, "whole", "all tokens at once"},
      {FeedForward::chunked, "chunked", "over mini-sequences (MsT)"},
      {FeedForward::blockwise, "blockwise", "fused with attention, query block by query block (BPT)"},
  };
  return kValues;
}

template <>
std::span<const Named<Head>> values_of<Head>() {
  static constexpr Named<Head> kValues[] = {
      {Head::dense_fp32, "dense-fp32", "all logits in fp32"},
      {Head::dense, "dense", "all logits in the compute type"},
      {Head::chunked, "chunked", "logits over chunks of tokens, again in backward"},
      {Head::fused, "fused", "chunks whose gradients are made in the forward pass"},
  };
  return kValues;
}

template <>
std::span<const Named<KeyValues>> values_of<KeyValues>() {
  static constexpr Named<KeyValues> kValues[] = {
      {KeyValues::kept, "kept", "K and V of the layer at full length"},
      {KeyValues::recomputed, "recomputed", "K and V again for each pair of blocks"},
  };
  return kValues;
}

template <>
std::span<const Named<SequenceDistribution>> values_of<SequenceDistribution>() {
  static constexpr Named<SequenceDistribution> kValues[] = {
      {SequenceDistribution::none, "none", "each rank has whole sequences"},
      {SequenceDistribution::ring, "ring", "keys and values pass from rank to rank (Ring Attention)"},
      {SequenceDistribution::ulysses, "ulysses", "tokens for heads and back by all-to-all (DeepSpeed-Ulysses)"},
      {SequenceDistribution::ring_ulysses, "ring-ulysses", "Ulysses within groups of ranks, a ring over them (USP)"},
      {SequenceDistribution::lss, "lss", "queries distributed, all keys and values on every rank (LSS)"},
      {SequenceDistribution::megatron_sp, "megatron-sp", "outside the products, over the tensor ranks (Megatron-LM)"},
      {SequenceDistribution::fpdt, "fpdt", "Ulysses chunk by chunk, what waits on the host (FPDT, Ulysses-Offload)"},
  };
  return kValues;
}

template <>
std::span<const Named<StateSharding>> values_of<StateSharding>() {
  static constexpr Named<StateSharding> kValues[] = {
      {StateSharding::none, "none", "every state whole on every rank"},
      {StateSharding::zero1, "zero1", "optimizer states shared out"},
      {StateSharding::zero2, "zero2", "gradients too"},
      {StateSharding::zero3, "zero3", "parameters too (FSDP)"},
  };
  return kValues;
}

template <>
std::span<const Named<RecomputeKind>> values_of<RecomputeKind>() {
  static constexpr Named<RecomputeKind> kValues[] = {
      {RecomputeKind::none, "none", "keep every activation for backward"},
      {RecomputeKind::selective, "selective", "recompute the attention core"},
      {RecomputeKind::full, "full", "keep the input of each layer"},
      {RecomputeKind::every, "every", "keep the input of every k-th layer"},
  };
  return kValues;
}

template <>
std::span<const Named<ChunkRule>> values_of<ChunkRule>() {
  static constexpr Named<ChunkRule> kValues[] = {
      {ChunkRule::tokens, "tokens", "a number of tokens"},
      {ChunkRule::hidden, "hidden", "h tokens (MsT paper, feed-forward)"},
      {ChunkRule::vocab_over_hidden, "vocab-over-hidden", "ceil(v/h) mini-sequences (MsT paper, head)"},
      {ChunkRule::mst_code, "mst-code", "mini-s code: max(4096/b, 1024) tokens, head s/64"},
      {ChunkRule::shards_of_hidden, "shards-of-hidden", "ceil(s/h) equal shards (ALST, Unsloth)"},
      {ChunkRule::whole, "whole", "all tokens at once"},
  };
  return kValues;
}

}  // namespace headroom
