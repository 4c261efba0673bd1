#include <headroom/models/job.h>
#include <headroom/models/memory.h>

namespace headroom {

template <>
std::span<const Named<DType>> values_of<DType>() {
  static constexpr Named<DType> kValues[] = {
      {DType::fp32, "fp32", "32-bit floating point"},
      {DType::bf16, "bf16", "16-bit floating point with the exponent of fp32"},
      {DType::int32, "int32", "32-bit integers"},
      {DType::uint8, "uint8", "bytes"},
      {DType::fp8, "fp8", "8-bit floating point"},
  };
  return kValues;
}

template <>
std::span<const Named<Precision>> values_of<Precision>() {
  static constexpr Named<Precision> kValues[] = {
      {Precision::fp32, "fp32", "everything in fp32"},
      {Precision::bf16_mixed, "bf16-mixed", "bf16 with fp32 master weights"},
      {Precision::bf16, "bf16", "bf16 without master weights"},
  };
  return kValues;
}

template <>
std::span<const Named<Mode>> values_of<Mode>() {
  static constexpr Named<Mode> kValues[] = {
      {Mode::training, "training", "a training step"},
      {Mode::inference, "inference", "prompts are read, tokens are written"},
  };
  return kValues;
}

template <>
std::span<const Named<CacheType>> values_of<CacheType>() {
  static constexpr Named<CacheType> kValues[] = {
      {CacheType::compute, "compute", "the type of activations"},
      {CacheType::fp32, "fp32", "fp32"},
      {CacheType::bf16, "bf16", "bf16"},
      {CacheType::fp8, "fp8", "8-bit floating point with a scale a tensor"},
  };
  return kValues;
}

template <>
std::span<const Named<OptimizerKind>> values_of<OptimizerKind>() {
  static constexpr Named<OptimizerKind> kValues[] = {
      {OptimizerKind::adamw, "adamw", "two moments per parameter"},
      {OptimizerKind::adafactor, "adafactor", "factored second moment (Shazeer & Stern)"},
      {OptimizerKind::sgd, "sgd", "stochastic gradient descent"},
  };
  return kValues;
}

template <>
std::span<const Named<StateDType>> values_of<StateDType>() {
  static constexpr Named<StateDType> kValues[] = {
      {StateDType::fp32, "fp32", "moments in fp32"},
      {StateDType::bf16, "bf16", "moments in bf16"},
      {StateDType::int8, "int8", "moments in 8 bits with a scale a block"},
  };
  return kValues;
}

template <>
std::span<const Named<Momentum>> values_of<Momentum>() {
  static constexpr Named<Momentum> kValues[] = {
      {Momentum::none, "none", "no momentum"},
      {Momentum::fp32, "fp32", "momentum in fp32"},
      {Momentum::bf16, "bf16", "momentum in bf16"},
  };
  return kValues;
}

template <>
std::span<const Named<Category>> values_of<Category>() {
  static constexpr Named<Category> kValues[] = {
      {Category::parameters, "parameters", "parameters"},
      {Category::gradients, "gradients", "gradients"},
      {Category::optimizer_state, "optimizer-state", "optimizer state"},
      {Category::kv_cache, "kv-cache", "KV cache"},
      {Category::saved_activations, "saved-activations", "saved activations"},
      {Category::attention, "attention", "attention"},
      {Category::feed_forward, "feed-forward", "feed-forward"},
      {Category::head_and_loss, "head-and-loss", "head and loss"},
      {Category::communication, "communication", "communication"},
      {Category::workspace, "workspace", "workspace"},
      {Category::context, "context", "context"},
      {Category::allocator_slack, "allocator-slack", "allocator slack"},
  };
  static_assert(std::size(kValues) == kCategoryCount);
  return kValues;
}

}  // namespace headroom
