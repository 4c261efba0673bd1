#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <headroom/models/named.h>

namespace headroom::sim {

/// The kinds of instants a training step, or inference, is made of, in the order in which they first occur. Between two
/// events of the same instant only tensors are born or die; a layer's instants carry the layer's number beside them.
enum class Instant : std::uint8_t {
  model_state,
  embedding,
  attention_forward,
  feed_forward_forward,
  final_norm,
  head_forward,
  head_backward,
  final_norm_backward,
  attention_recompute,
  feed_forward_recompute,
  feed_forward_backward,
  attention_backward,
  embedding_backward,
  optimizer_step,
  prefill_embedding,
  prefill_attention,
  prefill_feed_forward,
  prefill_head,
  decode_embedding,
  decode_attention,
  decode_feed_forward,
  decode_head,
};
inline constexpr std::size_t kInstantCount = 22;

/// Whether the instant belongs to one layer.
[[nodiscard]] constexpr bool has_layer(Instant i) {
  switch (i) {
    case Instant::attention_forward:
    case Instant::feed_forward_forward:
    case Instant::attention_recompute:
    case Instant::feed_forward_recompute:
    case Instant::feed_forward_backward:
    case Instant::attention_backward:
    case Instant::prefill_attention:
    case Instant::prefill_feed_forward:
    case Instant::decode_attention:
    case Instant::decode_feed_forward: return true;
    default: return false;
  }
}

/// An instant of one step: its kind and, where the kind has one, the layer (0-based).
struct Moment {
  static constexpr std::int64_t kNoStage = -1;

  Instant instant = Instant::model_state;
  std::int64_t layer = 0;
  std::int64_t stage = kNoStage;  ///< of the pipeline (0-based), where there is one

  /// The next instant begins. One outside the layers has no layer.
  constexpr void begin(Instant next) {
    instant = next;
    if (!has_layer(next)) layer = 0;
  }

  /// The same instant `layers` further on.
  constexpr void shift(std::int64_t layers) {
    if (has_layer(instant)) layer += layers;
  }

  bool operator==(const Moment&) const = default;
};

/// "attention backward, layer 3"; without a layer where the instant has none; with "pipeline stage 0" behind it where
/// there is a pipeline.
[[nodiscard]] std::string format_moment(Moment moment);

}  // namespace headroom::sim

namespace headroom {
template <>
std::span<const Named<sim::Instant>> values_of<sim::Instant>();
}  // namespace headroom
