#pragma once

#include "attention.h"
#include "feed_forward.h"
#include "layer_site.h"

namespace headroom::measure {

/// What lives of a layer between its passes.
struct LayerState {
  Tensor x;           ///< the layer's input
  Tensor checkpoint;  ///< its copy on the host, where it is offloaded
  AttentionState attention;
  Tensor r;
  FeedForwardState feed_forward;
};

/// What the feed-forward of some rows reads; in backward r may be dead.
[[nodiscard]] FeedForwardInput feed_forward_input(const LayerSite& site, const LayerState& state, const Rows& rows);
/// Where branches are parallel, what the feed-forward is the last to read in a pass: x, or the output of the one norm;
/// none where it lives on.
[[nodiscard]] Tensor* last_read(const LayerSite& site, LayerState& state, const Pass& pass, bool x_stays);

}  // namespace headroom::measure
