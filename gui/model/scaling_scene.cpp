#include <algorithm>

#include "model/grouped_bars.h"
#include "model/scaling.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

using Status = GroupedBar::Status;

GroupedBar bar_of(const ScalingCell& cell) {
  if (!cell.refused.isEmpty()) return {Status::refused, 0};
  if (!cell.fits()) return {Status::nothing, 0};
  return {Status::there, static_cast<double>(cell.longest->tokens.count())};
}

GroupedBars bars_of(const Scaling& scaling) {
  GroupedBars bars{QObject::tr("Devices"), {}, scaling.methods, {}};
  for (const ScalingGroup& group : scaling.groups) {
    bars.groups.push_back(to_qt(format_grouped(group.devices)));
    for (const ScalingCell& cell : group.cells) bars.bars.push_back(bar_of(cell));
  }
  return bars;
}

QString readout(const Scaling& scaling, const Hit& hit) {
  const ScalingCell* cell = cell_at(scaling, hit);
  if (cell == nullptr) return {};
  const QString name = QObject::tr("<b>%1 on %2 %3</b>")
                           .arg(scaling.methods[static_cast<std::size_t>(hit.series)].toHtmlEscaped(),
                                to_qt(format_grouped(scaling.groups[static_cast<std::size_t>(hit.index)].devices)),
                                hit.index == 0 ? QObject::tr("device") : QObject::tr("devices"));
  QStringList lines;
  for (const QString& line : cell_lines(*cell)) lines << line.toHtmlEscaped();
  return name + (cell->refused.isEmpty() ? QStringLiteral("<br>") : QStringLiteral(": ")) +
         lines.join(QStringLiteral("<br>"));
}

}  // namespace

const ScalingCell* cell_at(const Scaling& scaling, const Hit& hit) {
  const auto group = static_cast<std::size_t>(std::max(hit.index, 0));
  const auto method = static_cast<std::size_t>(std::max(hit.series, 0));
  const bool is_there =
      hit.index >= 0 && hit.series >= 0 && group < scaling.groups.size() && method < scaling.groups[group].cells.size();
  return is_there ? &scaling.groups[group].cells[method] : nullptr;
}

Scene scaling_scene(const Scaling& scaling) {
  if (scaling.methods.empty()) {
    Scene scene;
    scene.empty = QObject::tr("Choose at least one method");
    return scene;
  }
  const GroupedBars bars = bars_of(scaling);
  Scene scene = grouped_scene(bars, tokens_axis(bars, QObject::tr("Longest context, tokens")));
  scene.readout = [scaling](const Hit& hit) { return readout(scaling, hit); };
  return scene;
}

}  // namespace headroom::gui
