#include <algorithm>

#include "model/breakdown_scene.h"
#include "model/colours.h"
#include "model/text.h"
#include "model/timeline.h"

namespace headroom::gui {
namespace {

constexpr std::size_t kMostInReadout = 12;
constexpr double kRoomAbove = 1.15;
constexpr QRgb kPeakColour = 0xff808080;

double as_double(Bytes bytes) { return static_cast<double>(bytes.count()); }

/// The parts of a step, or of inference, that people speak of.
QString phase_of(sim::Instant instant) {
  using sim::Instant;
  switch (instant) {
    case Instant::model_state: return QObject::tr("before");
    case Instant::embedding:
    case Instant::attention_forward:
    case Instant::feed_forward_forward:
    case Instant::final_norm: return QObject::tr("forward");
    case Instant::head_forward:
    case Instant::head_backward: return QObject::tr("head");
    case Instant::final_norm_backward:
    case Instant::attention_recompute:
    case Instant::feed_forward_recompute:
    case Instant::feed_forward_backward:
    case Instant::attention_backward:
    case Instant::embedding_backward: return QObject::tr("backward");
    case Instant::optimizer_step: return QObject::tr("optimizer");
    case Instant::prefill_embedding:
    case Instant::prefill_attention:
    case Instant::prefill_feed_forward:
    case Instant::prefill_head: return QObject::tr("prefill");
    case Instant::decode_embedding:
    case Instant::decode_attention:
    case Instant::decode_feed_forward:
    case Instant::decode_head: return QObject::tr("decode");
  }
  return {};
}

void add_shades(Scene& scene, const Timeline& timeline) {
  for (std::size_t i = 0; i < timeline.instants.size(); ++i) {
    const QString phase = phase_of(timeline.instants[i].moment.instant);
    const auto x = static_cast<double>(i);
    if (scene.shades.empty() || scene.shades.back().label != phase) scene.shades.push_back({x, x, phase});
    scene.shades.back().to = x + 1;
  }
}

void add_areas(Scene& scene, const Timeline& timeline) {
  for (std::size_t i = 0; i <= timeline.instants.size(); ++i) scene.area_x.push_back(static_cast<double>(i));
  for (const Category category : stack_order()) {
    AreaSeries series{category_text(category), category_colour(category), {}, is_outside_tensors(category)};
    for (const InstantPeak& instant : timeline.instants) {
      series.values.push_back(as_double(instant.categories[category]));
    }
    if (std::any_of(series.values.begin(), series.values.end(), [](double v) { return v > 0; })) {
      scene.areas.push_back(std::move(series));
    }
  }
}

QString readout(const Timeline& timeline, const Hit& hit) {
  if (hit.index < 0 || static_cast<std::size_t>(hit.index) >= timeline.instants.size()) return {};
  const InstantPeak& instant = timeline.instants[static_cast<std::size_t>(hit.index)];
  QString text = QStringLiteral("<b>%1</b>: %2")
                     .arg(to_qt(sim::format_moment(instant.moment)), bytes_text(instant.categories.total()));
  const std::size_t shown = std::min(instant.live.size(), kMostInReadout);
  for (std::size_t i = 0; i < shown; ++i) {
    const LiveGroup& group = instant.live[i];
    const QString times = group.count > 1 ? QStringLiteral(" × %1").arg(to_qt(format_grouped(group.count))) : QString();
    text += QStringLiteral("<br>%1%2: %3").arg(to_qt(group.name).toHtmlEscaped(), times, bytes_text(group.bytes));
  }
  if (shown < instant.live.size()) text += QObject::tr("<br>and %1 more").arg(instant.live.size() - shown);
  return text;
}

}  // namespace

Scene timeline_scene(const Timeline& timeline) {
  Scene scene;
  if (timeline.instants.empty()) {
    scene.empty =
        timeline.refused.empty() ? QObject::tr("The step is being told…") : capitalised(to_qt(timeline.refused));
    return scene;
  }
  const InstantPeak& peak = timeline.instants[timeline.peak];
  const Bytes capacity = timeline.job.device.capacity.bytes;
  const double highest = std::max(as_double(peak.categories.total()),
                                  std::min(as_double(capacity), 2 * as_double(peak.categories.total())));
  scene.x = {QObject::tr("Instants of the step, in order, each at its own peak"),
             Unit::none,
             Scale::linear,
             0,
             static_cast<double>(timeline.instants.size()),
             {}};
  scene.y = {QObject::tr("Device memory"), Unit::bytes, Scale::linear, 0, highest * kRoomAbove, {}};
  add_shades(scene, timeline);
  add_areas(scene, timeline);
  scene.limits.push_back({Qt::Horizontal, as_double(capacity), QObject::tr("capacity %1").arg(bytes_text(capacity)),
                          limit_colour(), Qt::SolidLine});
  scene.markers.push_back(
      {static_cast<double>(timeline.peak) + 0.5, as_double(peak.categories.total()),
       QObject::tr("peak %1\n%2").arg(bytes_text(peak.categories.total()), to_qt(sim::format_moment(peak.moment))),
       kPeakColour});
  scene.readout = [timeline](const Hit& hit) { return readout(timeline, hit); };
  return scene;
}

CsvTable timeline_csv(const Timeline& timeline) {
  CsvTable table;
  table.header = {"instant", "layer"};
  for (const auto& named : values_of<Category>()) table.header << to_qt(named.name) + QStringLiteral("_bytes");
  table.header << "device_bytes";
  for (const InstantPeak& instant : timeline.instants) {
    QStringList row{to_qt(name_of(instant.moment.instant)),
                    sim::has_layer(instant.moment.instant) ? QString::number(instant.moment.layer) : QString()};
    for (const Bytes bytes : instant.categories.bytes) row << QString::number(bytes.count());
    row << QString::number(instant.categories.total().count());
    table.rows.push_back(row);
  }
  return table;
}

}  // namespace headroom::gui
