#include "profile.h"

#include <headroom/sim/predictor.h>

namespace headroom::docs {
namespace {

using sim::Instant;

Phase phase_of(Instant instant) {
  if (instant < Instant::final_norm) return Phase::forward;
  if (instant < Instant::attention_recompute) return Phase::head;
  return instant < Instant::optimizer_step ? Phase::backward : Phase::optimizer;
}

std::optional<std::int64_t> layer_of(sim::Moment moment) {
  return sim::has_layer(moment.instant) ? std::optional(moment.layer) : std::nullopt;
}

}  // namespace

std::vector<Stage> profile(const Job& job) {
  std::vector<Stage> stages;
  BytesByCategory live;
  sim::Predictor(job).timeline(job.seq, [&](const sim::TimelineEvent& event) {
    if (event.born) live[event.category] += event.bytes;
    if (!event.born) live[event.category] -= event.bytes;
    if (event.moment.instant == Instant::model_state) return;
    const Phase phase = phase_of(event.moment.instant);
    const auto layer = layer_of(event.moment);
    if (stages.empty() || stages.back().phase != phase || stages.back().layer != layer)
      stages.push_back({phase, layer, {}});
    stages.back().states.push_back(live);
  });
  return stages;
}

}  // namespace headroom::docs
