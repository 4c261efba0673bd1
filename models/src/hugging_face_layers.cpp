#include <algorithm>

#include "hugging_face_layers.h"

namespace headroom {
namespace {

constexpr std::size_t kLongestPeriod = 16;
constexpr std::int64_t kFull = 0;
constexpr std::int64_t kSliding = 1;

using Runs = std::vector<LayerRun>;

/// A window that is written as null is none; one that is left out is the family's.
std::optional<std::int64_t> window_of(HuggingFaceConfig& config, const HuggingFaceFamily& family) {
  if (!config.flag("use_sliding_window", family.windows != Windows::late_layers)) return std::nullopt;
  if (config.mentions("sliding_window")) return config.optional_size({"sliding_window"});
  return family.window > 0 ? std::optional(family.window) : std::nullopt;
}

void add_run(Runs& runs, std::int64_t repeat, std::vector<std::int64_t> period) {
  if (repeat > 0) runs.push_back({repeat, std::move(period)});
}

Runs runs_of_family(HuggingFaceConfig& config, Windows windows, std::int64_t layers) {
  Runs runs;
  switch (windows) {
    case Windows::never: add_run(runs, layers, {kFull}); break;
    case Windows::always: add_run(runs, layers, {kSliding}); break;
    case Windows::even_layers:
      add_run(runs, layers / 2, {kSliding, kFull});
      add_run(runs, layers % 2, {kSliding});
      break;
    case Windows::late_layers: {
      const std::int64_t full = std::min(layers, config.optional_size({"max_window_layers"}).value_or(28));
      add_run(runs, full, {kFull});
      add_run(runs, layers - full, {kSliding});
    }
  }
  return runs;
}

bool repeats_after(const std::vector<std::int64_t>& kinds, std::size_t period) {
  return std::equal(kinds.begin() + static_cast<std::ptrdiff_t>(period), kinds.end(), kinds.begin());
}

/// A short period that fills the list, else a run for each stretch of equal layers.
Runs runs_of_list(const std::vector<std::int64_t>& kinds) {
  Runs runs;
  const auto begin = kinds.begin();
  const auto at = [begin](std::size_t i) { return begin + static_cast<std::ptrdiff_t>(i); };
  for (std::size_t period = 1; period <= std::min(kLongestPeriod, kinds.size() / 2); ++period) {
    if (!repeats_after(kinds, period)) continue;
    add_run(runs, static_cast<std::int64_t>(kinds.size() / period), {begin, at(period)});
    const std::size_t rest = kinds.size() % period;
    add_run(runs, rest > 0 ? 1 : 0, {begin, at(rest)});
    return runs;
  }
  for (const std::int64_t kind : kinds) {
    if (runs.empty() || runs.back().period.front() != kind)
      add_run(runs, 1, {kind});
    else
      ++runs.back().repeat;
  }
  return runs;
}

std::vector<std::int64_t> layer_types(HuggingFaceConfig& config, std::int64_t layers) {
  const std::string where = config.place().member("layer_types").text();
  std::vector<std::int64_t> kinds;
  for (const std::string& type : config.texts("layer_types")) {
    if (type != "full_attention" && type != "sliding_attention") {
      throw_unknown_name(where, type, {"full_attention", "sliding_attention"});
    }
    kinds.push_back(type == "full_attention" ? kFull : kSliding);
  }
  if (static_cast<std::int64_t>(kinds.size()) == layers) return kinds;
  throw InputError(fmt::format("{} must have an entry for each of the {} layers, not {}", where, layers, kinds.size()));
}

/// The layer kinds in the order in which the runs first use them; the runs are renumbered.
std::vector<LayerKind> take_kinds(Runs& runs, const std::vector<LayerKind>& candidates) {
  std::vector<LayerKind> kinds;
  std::vector<std::int64_t> order;
  for (LayerRun& run : runs) {
    for (std::int64_t& kind : run.period) {
      const auto found = std::find(order.begin(), order.end(), kind);
      const auto index = found - order.begin();
      if (found == order.end()) {
        order.push_back(kind);
        kinds.push_back(candidates.at(static_cast<std::size_t>(kind)));
      }
      kind = index;
    }
  }
  return kinds;
}

bool has_sliding(const Runs& runs) {
  return std::any_of(runs.begin(), runs.end(), [](const LayerRun& run) {
    return std::find(run.period.begin(), run.period.end(), kSliding) != run.period.end();
  });
}

}  // namespace

void add_layers(HuggingFaceConfig& config, const HuggingFaceFamily& family, const LayerKind& kind, Transformer& model) {
  const std::int64_t layers = config.size({"num_hidden_layers", "n_layer"});
  LayerKind sliding = kind;
  sliding.window = window_of(config, family);
  model.layer_runs = config.find("layer_types") != nullptr
                         ? runs_of_list(layer_types(config, layers))
                         : runs_of_family(config, sliding.window ? family.windows : Windows::never, layers);
  if (has_sliding(model.layer_runs) && !sliding.window) {
    throw InputError(
        fmt::format("{}: layer_types names sliding_attention, but sliding_window is missing", config.place().text()));
  }
  model.kinds = take_kinds(model.layer_runs, {kind, sliding});
}

}  // namespace headroom
