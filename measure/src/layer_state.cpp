#include "layer_state.h"

namespace headroom::measure {

FeedForwardInput feed_forward_input(const LayerSite& site, const LayerState& state, const Rows& rows) {
  FeedForwardInput input;
  input.residual = some_rows(state.r.view(), rows);
  if (site.shares_norm()) {
    input.normed = state.attention.normed.output.rows(rows);
  } else {
    input.x = (site.is_parallel() ? state.x : state.r).rows(rows);
  }
  return input;
}

Tensor* last_read(const LayerSite& site, LayerState& state, const Pass& pass, bool x_stays) {
  if (site.shares_norm()) return pass.keeps ? nullptr : &state.attention.normed.output;
  return site.is_parallel() && !x_stays ? &state.x : nullptr;
}

}  // namespace headroom::measure
