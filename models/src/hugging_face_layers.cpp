#include <algorithm>

#include <headroom/models/checked.h>

#include "hugging_face_experts.h"
#include "hugging_face_layers.h"

namespace headroom {
namespace {

constexpr std::size_t kLongestPeriod = 16;
constexpr std::int64_t kLongestPattern = 4096;
constexpr std::int64_t kFull = 0;
constexpr std::int64_t kSliding = 1;
/// Added to either for a layer with experts.
constexpr std::int64_t kWithExperts = 2;
/// Layers that are told apart one by one; more are a slip of the pen.
constexpr std::int64_t kMostListed = 1 << 16;

using Runs = std::vector<LayerRun>;

/// A window that is written as null is none; one that is left out is the family's.
std::optional<std::int64_t> window_of(HuggingFaceConfig& config, const HuggingFaceFamily& family) {
  if (!config.flag("use_sliding_window", family.windows != Windows::late_layers)) return std::nullopt;
  if (config.mentions("sliding_window")) return config.optional_size({"sliding_window"});
  return family.window > 0 ? std::optional(family.window) : std::nullopt;
}

/// A period of equal kinds is one of a single kind.
void add_run(Runs& runs, std::int64_t repeat, std::vector<std::int64_t> period) {
  if (repeat == 0 || period.empty()) return;
  const bool is_uniform = std::count(period.begin(), period.end(), period.front()) == std::ssize(period);
  if (is_uniform) {
    repeat = checked_mul(repeat, std::ssize(period));
    period.resize(1);
  }
  runs.push_back({repeat, std::move(period)});
}

/// The last layer of every sliding_window_pattern is full.
Runs runs_of_pattern(HuggingFaceConfig& config, std::int64_t layers) {
  constexpr std::string_view kKey = "sliding_window_pattern";
  const std::int64_t pattern = config.optional_size({kKey}).value_or(6);
  if (pattern > kLongestPattern) refuse_value(*config.find(kKey), config.place().member(kKey), "at most 4096");
  std::vector<std::int64_t> period(static_cast<std::size_t>(pattern), kSliding);
  period.back() = kFull;
  Runs runs;
  add_run(runs, layers / pattern, std::move(period));
  add_run(runs, layers % pattern, {kSliding});
  return runs;
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
      break;
    }
    case Windows::all_but_a_sixth: return runs_of_pattern(config, layers);
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

/// The kind of every layer.
std::vector<std::int64_t> list_of_runs(const Runs& runs) {
  std::vector<std::int64_t> kinds;
  for (const LayerRun& run : runs) {
    for (std::int64_t i = 0; i < run.repeat; ++i) kinds.insert(kinds.end(), run.period.begin(), run.period.end());
  }
  return kinds;
}

void add_experts(HuggingFaceConfig& config, const ExpertLayers& experts, std::int64_t layers, Runs& runs) {
  if (experts.everywhere()) {
    for (LayerRun& run : runs) {
      for (std::int64_t& kind : run.period) kind += kWithExperts;
    }
    return;
  }
  if (layers > kMostListed) {
    throw InputError(fmt::format("{}: {} layers are more than the {} of which some may have experts and some not",
                                 config.place().text(), layers, kMostListed));
  }
  std::vector<std::int64_t> kinds = list_of_runs(runs);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (experts.at(static_cast<std::int64_t>(i))) kinds[i] += kWithExperts;
  }
  runs = runs_of_list(kinds);
}

/// `kind` by kFull, kSliding and either with experts.
std::vector<LayerKind> candidates(const LayerKind& kind, std::optional<std::int64_t> window,
                                  const std::optional<ExpertLayers>& experts) {
  std::vector<LayerKind> kinds{kind, kind};
  kinds[kSliding].window = window;
  if (!experts) return kinds;
  kinds.insert(kinds.end(), {kinds[kFull], kinds[kSliding]});
  for (std::size_t i = kWithExperts; i < kinds.size(); ++i) {
    kinds[i].ffn_hidden = experts->hidden;
    kinds[i].experts = experts->experts;
  }
  return kinds;
}

}  // namespace

void add_layers(HuggingFaceConfig& config, const HuggingFaceFamily& family, const LayerKind& kind, Transformer& model) {
  const std::int64_t layers = config.size({"num_hidden_layers", "n_layer"});
  const std::optional<std::int64_t> window = window_of(config, family);
  Runs runs = config.find("layer_types") != nullptr
                  ? runs_of_list(layer_types(config, layers))
                  : runs_of_family(config, window ? family.windows : Windows::never, layers);
  if (has_sliding(runs) && !window) {
    throw InputError(
        fmt::format("{}: layer_types names sliding_attention, but sliding_window is missing", config.place().text()));
  }
  const std::optional<ExpertLayers> experts = expert_layers(config, family);
  if (experts) add_experts(config, *experts, layers, runs);
  model.layer_runs = std::move(runs);
  model.kinds = take_kinds(model.layer_runs, candidates(kind, window, experts));
}

}  // namespace headroom
