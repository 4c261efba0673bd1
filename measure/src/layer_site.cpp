#include "layer_site.h"

#include "attention_core.h"
#include "narrow_output.h"

namespace headroom::measure {
namespace {

/// Each place of dropout in the model has a number of its own; 0 is the embedding's.
enum class Place : std::uint64_t { probabilities = 1, attention = 2, feed_forward = 3 };

kernels::Dropout dropout_at(const LayerSite& site, Place place) {
  constexpr std::uint64_t kPlaces = 3;
  return site.run.dropout_at(static_cast<std::uint64_t>(site.index) * kPlaces + static_cast<std::uint64_t>(place));
}

NormWeights* address_of(std::optional<NormWeights>& weights) { return weights ? &*weights : nullptr; }

}  // namespace

Branch LayerSite::attention_branch() const {
  return {weights.output,
          address_of(weights.attention_post_norm),
          Category::attention,
          dropout_at(*this, Place::attention),
          {"attention product", "attention dropout mask", "attention post-norm statistics",
           "gradient of the attention branch", "gathered gradient of the attention branch"}};
}

Branch LayerSite::feed_forward_branch() const {
  return {weights.down,
          address_of(weights.feed_forward_post_norm),
          Category::feed_forward,
          dropout_at(*this, Place::feed_forward),
          {"feed-forward product", "feed-forward dropout mask", "feed-forward post-norm statistics",
           "gradient of the feed-forward branch", "gathered gradient of the feed-forward branch"}};
}

CoreSite LayerSite::core_site(const Rows& tokens) const {
  const RankPlace& place = run.place;
  const HeadPlace of_rank{place.tensor_rank * kind.heads, place.tensor_ranks * kind.heads};
  const bool keeps_output = !has_narrow_output(kind) || run.core.reads_output();
  return {run, heads(), of_rank, tokens, tokens, dropout_at(*this, Place::probabilities), keeps_output};
}

}  // namespace headroom::measure
