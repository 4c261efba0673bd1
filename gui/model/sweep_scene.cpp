#include <algorithm>
#include <iterator>

#include "model/colours.h"
#include "model/grouped_bars.h"
#include "model/sweep.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

using Status = GroupedBar::Status;

/// Models, devices and methods say by their names what they are.
bool speaks_for_itself(const SweptAxis& axis) {
  return axis.name == "model" || axis.name == "hardware" || axis.name == "method";
}

QString named_value(const SweptAxis& axis, std::size_t value) {
  return speaks_for_itself(axis) ? axis.values[value] : QStringLiteral("%1: %2").arg(axis.title, axis.values[value]);
}

/// Of the answers of a group.
std::size_t series_count(const Sweep& sweep) { return sweep.axes.back().values.size(); }

/// The values of a group's axes in lines, but for those that all groups share.
QString group_name(const Sweep& sweep, std::size_t answer) {
  const std::vector<std::size_t> values = sweep.values_of(answer);
  QStringList lines;
  for (std::size_t i = 0; i + 1 < sweep.axes.size(); ++i) {
    if (sweep.axes[i].values.size() > 1) lines << sweep.axes[i].values[values[i]];
  }
  return lines.isEmpty() ? sweep.axes.front().values[values.front()] : lines.join(QLatin1Char('\n'));
}

QString groups_title(const Sweep& sweep) {
  QStringList titles;
  for (std::size_t i = 0; i + 1 < sweep.axes.size(); ++i) titles << sweep.axes[i].title;
  return titles.join(QStringLiteral(" × "));
}

GroupedBar bar_of(const Sweep& sweep, const sim::SweepAnswer& answer) {
  if (!answer.refused.empty()) return {Status::refused, 0};
  if (sweep.asked == Asked::peak) {
    return {answer.fits ? Status::there : Status::too_large, static_cast<double>(answer.device.count())};
  }
  if (answer.seq == Tokens(0)) return {Status::nothing, 0};
  return {Status::there, static_cast<double>(answer.seq.count())};
}

GroupedBars bars_of(const Sweep& sweep) {
  GroupedBars bars{groups_title(sweep), {}, {}, {}};
  for (std::size_t i = 0; i < series_count(sweep); ++i) bars.series.push_back(named_value(sweep.axes.back(), i));
  for (std::size_t i = 0; i < sweep.answers.size(); i += series_count(sweep)) {
    bars.groups.push_back(group_name(sweep, i));
  }
  for (const sim::SweepAnswer& answer : sweep.answers) bars.bars.push_back(bar_of(sweep, answer));
  return bars;
}

/// That of all devices; 0: they differ, or nothing was predicted.
Bytes common_capacity(const Sweep& sweep) {
  Bytes capacity;
  for (const sim::SweepAnswer& answer : sweep.answers) {
    if (!answer.refused.empty()) continue;
    if (capacity != Bytes() && answer.capacity != capacity) return {};
    capacity = answer.capacity;
  }
  return capacity;
}

bool has_lengths(const Sweep& sweep) {
  return std::any_of(sweep.axes.begin(), sweep.axes.end(), [](const SweptAxis& axis) { return axis.name == "seq"; });
}

QString peak_title(const Sweep& sweep) {
  return has_lengths(sweep) ? QObject::tr("Device memory at the peak")
                            : QObject::tr("Device memory at the peak, %1 tokens").arg(tokens_text(sweep.seq));
}

Scene peak_scene(const Sweep& sweep, const GroupedBars& bars) {
  const Bytes capacity = common_capacity(sweep);
  Scene scene = grouped_scene(bars, bytes_axis(bars, peak_title(sweep), static_cast<double>(capacity.count())));
  if (capacity > Bytes()) {
    scene.limits.push_back({Qt::Horizontal, static_cast<double>(capacity.count()),
                            QObject::tr("capacity %1").arg(bytes_text(capacity)), limit_colour(), Qt::SolidLine});
  }
  return scene;
}

QString job_name(const Sweep& sweep, std::size_t answer) {
  const std::vector<std::size_t> values = sweep.values_of(answer);
  QStringList names;
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) names << named_value(sweep.axes[i], values[i]);
  return names.join(QStringLiteral(", "));
}

QString memory_line(const sim::SweepAnswer& answer) {
  const QString memory =
      QObject::tr("device memory %1 of %2").arg(bytes_text(answer.device), bytes_text(answer.capacity));
  return answer.host == Bytes() ? memory
                                : QObject::tr("%1; on the host %2 a rank").arg(memory, bytes_text(answer.host));
}

/// The first line of an answer: what was asked for.
QString headline(const Sweep& sweep, const sim::SweepAnswer& answer) {
  if (sweep.asked == Asked::peak) {
    const QString fits = answer.fits ? QObject::tr("fits") : QObject::tr("does not fit");
    return QObject::tr("%1 tokens: %2").arg(tokens_text(answer.seq), fits);
  }
  const QString binding = answer.host_binds ? QObject::tr("host memory") : category_text(answer.binding);
  if (answer.seq > Tokens(0)) {
    return QObject::tr("longest context %1 tokens, bound by %2").arg(tokens_text(answer.seq), binding);
  }
  return QObject::tr("nothing fits: even the shortest context has too little %1")
      .arg(answer.host_binds ? QObject::tr("host memory") : QObject::tr("device memory"));
}

QStringList lines_of(const Sweep& sweep, const sim::SweepAnswer& answer) {
  if (!answer.refused.empty()) return {QObject::tr("refused: %1").arg(capitalised(to_qt(answer.refused)))};
  QStringList lines{headline(sweep, answer), memory_line(answer),
                    QObject::tr("peaks at %1").arg(to_qt(sim::format_moment(answer.moment)))};
  if (sweep.asked == Asked::peak) lines << QObject::tr("binding: %1").arg(category_text(answer.binding));
  return lines;
}

QString readout(const Sweep& sweep, const Hit& hit) {
  if (hit.index < 0 || hit.series < 0) return {};
  const std::size_t answer =
      static_cast<std::size_t>(hit.index) * series_count(sweep) + static_cast<std::size_t>(hit.series);
  if (answer >= sweep.answers.size()) return {};
  QString text = QStringLiteral("<b>%1</b>").arg(job_name(sweep, answer).toHtmlEscaped());
  for (const QString& line : lines_of(sweep, sweep.answers[answer])) {
    text += QStringLiteral("<br>") + line.toHtmlEscaped();
  }
  return text;
}

}  // namespace

Scene sweep_scene(const Sweep& sweep) {
  Scene scene;
  if (sweep.answers.empty()) {
    scene.empty = sweep.refused;
    return scene;
  }
  const GroupedBars bars = bars_of(sweep);
  scene = sweep.asked == Asked::peak ? peak_scene(sweep, bars)
                                     : grouped_scene(bars, tokens_axis(bars, QObject::tr("Longest context, tokens")));
  scene.readout = [sweep](const Hit& hit) { return readout(sweep, hit); };
  return scene;
}

}  // namespace headroom::gui
