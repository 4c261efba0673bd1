#include "model/sweep.h"

#include <algorithm>
#include <cmath>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/max_context.h>

#include "model/colours.h"
#include "model/prediction.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

constexpr double kShortest = 256;
constexpr double kRoomAbove = 2;

std::optional<Tokens> longest(const Job& job) {
  try {
    return sim::longest_context(sim::Predictor(job), sim::Grid{});
  } catch (const InputError&) {
    return std::nullopt;
  }
}

SweepGroup group_for(Job job, const std::string& model, const std::string& device) {
  job.model = model_preset(model);
  job.device = device_preset(device);
  SweepGroup group{model, device, {}};
  for (const Job& variant : jobs_by_method(job)) group.longest.push_back(longest(variant));
  return group;
}

QString group_name(const Sweep& sweep, const SweepGroup& group) {
  const auto differs = [&group](const SweepGroup& other) { return other.device != group.device; };
  if (std::none_of(sweep.groups.begin(), sweep.groups.end(), differs)) return to_qt(group.model);
  return to_qt(group.model) + QLatin1Char('\n') + to_qt(group.device);
}

QString tokens_or_reason(const std::optional<Tokens>& tokens) {
  if (!tokens) return QObject::tr("refused");
  return *tokens == Tokens(0) ? QObject::tr("nothing fits") : QObject::tr("%1 tokens").arg(tokens_text(*tokens));
}

QString readout(const Sweep& sweep, const Hit& hit) {
  if (hit.index < 0 || static_cast<std::size_t>(hit.index) >= sweep.groups.size()) return {};
  const SweepGroup& group = sweep.groups[static_cast<std::size_t>(hit.index)];
  QString text = QObject::tr("<b>%1 on one %2</b>").arg(to_qt(group.model), to_qt(group.device));
  for (std::size_t i = 0; i < sweep.methods.size(); ++i) {
    const QString line = QStringLiteral("%1: %2").arg(to_qt(sweep.methods[i]), tokens_or_reason(group.longest[i]));
    text += QStringLiteral("<br>") + (static_cast<int>(i) == hit.series ? QStringLiteral("<b>%1</b>").arg(line) : line);
  }
  return text;
}

double furthest(const Sweep& sweep) {
  double most = 2 * kShortest;
  for (const SweepGroup& group : sweep.groups) {
    for (const auto& tokens : group.longest)
      most = std::max(most, static_cast<double>(tokens.value_or(Tokens(0)).count()));
  }
  return most;
}

BarSeries series_for(const Sweep& sweep, std::size_t method) {
  BarSeries series{to_qt(sweep.methods[method]), bar_colour(method), {}};
  for (const SweepGroup& group : sweep.groups) {
    const auto tokens = static_cast<double>(group.longest[method].value_or(Tokens(0)).count());
    series.values.push_back(std::max(tokens, kShortest));
  }
  return series;
}

bool nothing_fits(const SweepGroup& group) {
  return std::all_of(group.longest.begin(), group.longest.end(),
                     [](const auto& tokens) { return tokens.value_or(Tokens(0)) == Tokens(0); });
}

}  // namespace

std::optional<Sweep> sweep(const SweepRequest& request, const Progress& progress) {
  Sweep result;
  for (const Job& job : jobs_by_method(request.job)) result.methods.push_back(to_utf8(method_text(job.method)));
  const auto all = static_cast<double>(request.models.size() * request.devices.size());
  for (const std::string& device : request.devices) {
    for (const std::string& model : request.models) {
      if (!progress(static_cast<double>(result.groups.size()) / all)) return std::nullopt;
      result.groups.push_back(group_for(request.job, model, device));
    }
  }
  return result;
}

Scene sweep_scene(const Sweep& sweep) {
  Scene scene;
  scene.is_zoomable = false;
  if (sweep.groups.empty()) {
    scene.empty = QObject::tr("Choose at least one model and one device");
    return scene;
  }
  scene.arrangement = BarArrangement::grouped;
  for (const SweepGroup& group : sweep.groups) scene.x.names.push_back(group_name(sweep, group));
  scene.y = {QObject::tr("Longest context, tokens"),
             Unit::tokens,
             Scale::logarithmic,
             kShortest,
             furthest(sweep) * kRoomAbove,
             {}};
  for (std::size_t i = 0; i < sweep.methods.size(); ++i) scene.bars.push_back(series_for(sweep, i));
  for (std::size_t i = 0; i < sweep.groups.size(); ++i) {
    if (nothing_fits(sweep.groups[i])) {
      scene.markers.push_back({static_cast<double>(i), kShortest, QObject::tr("nothing\nfits"), {}});
    }
  }
  scene.readout = [sweep](const Hit& hit) { return readout(sweep, hit); };
  return scene;
}

CsvTable sweep_csv(const Sweep& sweep) {
  CsvTable table;
  table.header = {"model", "device", "method", "max_context_tokens"};
  for (const SweepGroup& group : sweep.groups) {
    for (std::size_t i = 0; i < sweep.methods.size(); ++i) {
      const auto& tokens = group.longest[i];
      table.rows.push_back({to_qt(group.model), to_qt(group.device), to_qt(sweep.methods[i]),
                            tokens ? QString::number(tokens->count()) : QString()});
    }
  }
  return table;
}

}  // namespace headroom::gui
