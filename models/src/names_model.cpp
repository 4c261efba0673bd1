#include <headroom/models/provenance.h>
#include <headroom/models/transformer.h>

namespace headroom {

template <>
std::span<const Named<Norm>> values_of<Norm>() {
  static constexpr Named<Norm> kValues[] = {
      {Norm::layernorm, "layernorm", "mean and variance, weight and bias"},
      {Norm::rmsnorm, "rmsnorm", "root mean square, weight only"},
  };
  return kValues;
}

template <>
std::span<const Named<Positions>> values_of<Positions>() {
  static constexpr Named<Positions> kValues[] = {
      {Positions::none, "none", "no positions, or positions without parameters or tensors"},
      {Positions::learned, "learned", "a learned table added to the embedding"},
      {Positions::rope, "rope", "rotary: queries and keys are rotated"},
  };
  return kValues;
}

template <>
std::span<const Named<Activation>> values_of<Activation>() {
  static constexpr Named<Activation> kValues[] = {
      {Activation::gelu, "gelu", "GELU, two feed-forward weights"},
      {Activation::relu, "relu", "ReLU, two feed-forward weights"},
      {Activation::swiglu, "swiglu", "SiLU with a gate, three feed-forward weights"},
      {Activation::geglu, "geglu", "GELU with a gate, three feed-forward weights"},
  };
  return kValues;
}

template <>
std::span<const Named<Residual>> values_of<Residual>() {
  static constexpr Named<Residual> kValues[] = {
      {Residual::pre_norm, "pre-norm", "a norm before each block, the block's output added"},
      {Residual::post_norm, "post-norm", "each block's output added, then a norm"},
      {Residual::parallel, "parallel", "both blocks from one input, a norm before each"},
      {Residual::parallel_shared_norm, "parallel-shared-norm", "both blocks from one input behind one norm"},
  };
  return kValues;
}

template <>
std::span<const Named<Certainty>> values_of<Certainty>() {
  static constexpr Named<Certainty> kValues[] = {
      {Certainty::measured, "MEASURED", "read off a device by headroom itself"},
      {Certainty::derived, "DERIVED", "follows from other figures or from the runtime's policy"},
      {Certainty::assumed, "ASSUMED", "somebody else's figure, or a typical one"},
  };
  return kValues;
}

}  // namespace headroom
