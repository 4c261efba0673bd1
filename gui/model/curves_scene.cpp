#include <algorithm>
#include <cmath>
#include <map>

#include "model/colours.h"
#include "model/curves.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

constexpr double kTimesAbove = 4;

double as_double(Bytes bytes) { return static_cast<double>(bytes.count()); }
double as_double(Tokens tokens) { return static_cast<double>(tokens.count()); }

QString name_of_method(const Curves& curves, std::size_t index) {
  return method_text(curves.methods[index].prediction.job.method);
}

Curve curve_of(const Curves& curves, std::size_t index) {
  const MethodCurve& method = curves.methods[index];
  Curve curve{name_of_method(curves, index),
              series_colour(index),
              series_dash(index),
              method.prediction.job.method == curves.job.method,
              {},
              {}};
  for (std::size_t i = 0; i < method.device.size(); ++i) {
    curve.x.push_back(as_double(curves.lengths[i]));
    curve.y.push_back(as_double(method.device[i]));
  }
  return curve;
}

SceneAxis memory_axis(const Curves& curves) {
  const double capacity = as_double(curves.job.device.capacity.bytes);
  double lowest = capacity;
  double highest_first = capacity;
  for (const MethodCurve& method : curves.methods) {
    if (method.device.empty()) continue;
    lowest = std::min(lowest, as_double(method.device.front()));
    highest_first = std::max(highest_first, as_double(method.device.front()));
  }
  return {QObject::tr("Device memory"), Unit::bytes,
          Scale::logarithmic,           std::exp2(std::floor(std::log2(lowest) * 2) / 2),
          highest_first * kTimesAbove,  {}};
}

/// A dot on the capacity line where methods end; methods that end together share it.
void add_longest(Scene& scene, const Curves& curves) {
  std::map<Tokens, std::vector<std::size_t>> ends;
  for (std::size_t i = 0; i < curves.methods.size(); ++i) {
    const Prediction& prediction = curves.methods[i].prediction;
    if (prediction.longest && prediction.longest->tokens > Tokens(0)) ends[prediction.longest->tokens].push_back(i);
  }
  for (const auto& [tokens, methods] : ends) {
    QStringList names;
    for (const std::size_t i : methods) names << name_of_method(curves, i);
    scene.markers.push_back({as_double(tokens), as_double(curves.job.device.capacity.bytes),
                             QStringLiteral("%1\n%2").arg(names.join(QStringLiteral(", ")), tokens_text(tokens)),
                             series_colour(methods.front())});
  }
}

/// Crossings inside the picture, those at one place with one name.
void add_crossovers(Scene& scene, const Curves& curves) {
  std::map<Tokens, std::pair<Bytes, QStringList>> places;
  for (const Crossover& crossover : curves.crossovers) {
    if (as_double(crossover.device) > scene.y.upper) continue;
    auto& [device, names] = places[crossover.tokens];
    device = crossover.device;
    names << QObject::tr("%1 above %2")
                 .arg(name_of_method(curves, crossover.more), name_of_method(curves, crossover.less));
  }
  for (const auto& [tokens, place] : places) {
    scene.markers.push_back({as_double(tokens), as_double(place.first),
                             place.second.join(QLatin1Char('\n')) + QObject::tr("\nfrom %1").arg(tokens_text(tokens)),
                             QColor(0x80, 0x80, 0x80)});
  }
}

QString readout(const Curves& curves, const Hit& hit) {
  if (hit.x < as_double(curves.lengths.front()) || hit.x > as_double(curves.lengths.back())) return {};
  const auto next = std::lower_bound(curves.lengths.begin(), curves.lengths.end(), Tokens(std::llround(hit.x)));
  const auto i = static_cast<std::size_t>(std::min(next, curves.lengths.end() - 1) - curves.lengths.begin());
  QString text = QObject::tr("<b>%1 tokens</b>").arg(tokens_text(curves.lengths[i]));
  for (std::size_t m = 0; m < curves.methods.size(); ++m) {
    const MethodCurve& method = curves.methods[m];
    if (i >= method.device.size()) continue;
    const QString line = QStringLiteral("%1: %2").arg(name_of_method(curves, m), bytes_text(method.device[i]));
    text += QStringLiteral("<br>") + (static_cast<int>(m) == hit.series ? QStringLiteral("<b>%1</b>").arg(line) : line);
  }
  return text;
}

}  // namespace

Scene curves_scene(const Curves& curves) {
  Scene scene;
  scene.x = {QObject::tr("Sequence length, tokens"),
             Unit::tokens,
             Scale::logarithmic,
             as_double(curves.lengths.front()),
             as_double(curves.lengths.back()),
             {}};
  scene.y = memory_axis(curves);
  for (std::size_t i = 0; i < curves.methods.size(); ++i) {
    if (!curves.methods[i].device.empty()) scene.curves.push_back(curve_of(curves, i));
  }
  const Bytes capacity = curves.job.device.capacity.bytes;
  add_longest(scene, curves);
  add_crossovers(scene, curves);
  scene.limits.push_back({Qt::Horizontal, as_double(capacity), QObject::tr("capacity %1").arg(bytes_text(capacity)),
                          limit_colour(), Qt::SolidLine});
  scene.limits.push_back({Qt::Vertical,
                          as_double(curves.job.seq),
                          QObject::tr("this job, %1").arg(tokens_text(curves.job.seq)),
                          {},
                          Qt::DashLine});
  scene.readout = [curves](const Hit& hit) { return readout(curves, hit); };
  return scene;
}

CsvTable curves_csv(const Curves& curves) {
  CsvTable table;
  table.header = {"seq_tokens"};
  for (const MethodCurve& method : curves.methods) {
    table.header << to_qt(method.prediction.job.method.name) + QStringLiteral("_device_bytes");
  }
  for (std::size_t i = 0; i < curves.lengths.size(); ++i) {
    QStringList row{QString::number(curves.lengths[i].count())};
    for (const MethodCurve& method : curves.methods) {
      row << (i < method.device.size() ? QString::number(method.device[i].count()) : QString());
    }
    table.rows.push_back(row);
  }
  return table;
}

}  // namespace headroom::gui
