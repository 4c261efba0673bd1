#include <headroom/sim/instant.h>

#include <array>

#include <fmt/format.h>

namespace headroom {

template <>
std::span<const Named<sim::Instant>> values_of<sim::Instant>() {
  using sim::Instant;
  static constexpr std::array<Named<Instant>, sim::kInstantCount> kNames{{
      {Instant::model_state, "model-state", "before the step"},
      {Instant::embedding, "embedding", "embedding"},
      {Instant::attention_forward, "attention-forward", "attention forward"},
      {Instant::feed_forward_forward, "feed-forward-forward", "feed-forward forward"},
      {Instant::final_norm, "final-norm", "final norm"},
      {Instant::head_forward, "head-forward", "head and loss"},
      {Instant::head_backward, "head-backward", "head backward"},
      {Instant::final_norm_backward, "final-norm-backward", "final norm backward"},
      {Instant::attention_recompute, "attention-recompute", "attention recompute"},
      {Instant::feed_forward_recompute, "feed-forward-recompute", "feed-forward recompute"},
      {Instant::feed_forward_backward, "feed-forward-backward", "feed-forward backward"},
      {Instant::attention_backward, "attention-backward", "attention backward"},
      {Instant::embedding_backward, "embedding-backward", "embedding backward"},
      {Instant::optimizer_step, "optimizer-step", "optimizer step"},
      {Instant::prefill_embedding, "prefill-embedding", "prefill: embedding"},
      {Instant::prefill_attention, "prefill-attention", "prefill: attention"},
      {Instant::prefill_feed_forward, "prefill-feed-forward", "prefill: feed-forward"},
      {Instant::prefill_head, "prefill-head", "prefill: head"},
      {Instant::decode_embedding, "decode-embedding", "decode: embedding"},
      {Instant::decode_attention, "decode-attention", "decode: attention"},
      {Instant::decode_feed_forward, "decode-feed-forward", "decode: feed-forward"},
      {Instant::decode_head, "decode-head", "decode: head"},
  }};
  return kNames;
}

}  // namespace headroom

namespace headroom::sim {

std::string format_moment(Moment moment) {
  std::string text(description_of(moment.instant));
  if (has_layer(moment.instant)) text += fmt::format(", layer {}", moment.layer);
  if (moment.stage != Moment::kNoStage) text += fmt::format(", pipeline stage {}", moment.stage);
  return text;
}

}  // namespace headroom::sim
