#include <headroom/sim/kv_cache.h>

#include <utility>

#include <headroom/sim/chunks.h>
#include <headroom/sim/combination.h>

#include "layer_counts.h"
#include "narration/cache.h"

namespace headroom::sim {

CachePerToken cache_per_token(Job job) {
  job.mode = Mode::inference;
  job.batch = 1;
  (void)check_combination(job);
  const JobPlan plan(std::move(job));
  const StepPlan step = step_plan(plan, Tokens(1), chunk_tokens);
  const std::vector<std::int64_t> layers = layers_by_kind(plan);
  CachePerToken result;
  for (std::size_t kind = 0; kind < layers.size(); ++kind) {
    const LayerContext ctx(step, kind);
    LayerCache(ctx).for_each_tensor(ctx, [&](const Tensor& t) {
      result.all_layers += layers[kind] * t.bytes;
      if (!ctx.kind.window) result.without_windows += layers[kind] * t.bytes;
    });
  }
  return result;
}

}  // namespace headroom::sim
