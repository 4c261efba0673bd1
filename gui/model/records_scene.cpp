#include <QFileInfo>

#include <algorithm>
#include <cmath>

#include "model/breakdown_scene.h"
#include "model/colours.h"
#include "model/records.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

constexpr int kBandPointsAnOctave = 4;
constexpr int kAllocated = 0;  ///< the series of points that every record has

double as_double(Bytes bytes) { return static_cast<double>(std::max<std::int64_t>(bytes.count(), 1)); }

struct Extent {
  double lower;
  double upper;
};

/// Powers of two around every figure.
Extent extent_of(const Records& records) {
  double lowest = 1e18;
  double highest = 1;
  for (const CheckedRecord& record : records.checked) {
    for (const Bytes bytes : {record.check.total.measured, record.check.total.predicted}) {
      lowest = std::min(lowest, as_double(bytes));
      highest = std::max(highest, as_double(bytes));
    }
  }
  return {std::exp2(std::floor(std::log2(lowest) - 0.5)), std::exp2(std::ceil(std::log2(highest) + 0.5))};
}

/// Where what the system saw may lie.
Band tolerance_band(const Extent& extent) {
  Band band{QObject::tr("2 % + 16 MiB"), {}, {}, {}};
  const double octaves = std::log2(extent.upper / extent.lower);
  const int points = static_cast<int>(std::ceil(octaves * kBandPointsAnOctave));
  for (int i = 0; i <= points; ++i) {
    const double x = extent.lower * std::exp2(octaves * i / points);
    const double tolerance = as_double(sim::witness_tolerance(Bytes(std::llround(x))));
    band.x.push_back(x);
    band.lower.push_back(std::max(x - tolerance, extent.lower / 2));
    band.upper.push_back(x + tolerance);
  }
  return band;
}

Points allocated_points(const Records& records) {
  Points points{QObject::tr("allocated"), series_colour(5), Shape::circle, {}, {}};
  for (const CheckedRecord& record : records.checked) {
    points.x.push_back(as_double(record.check.total.predicted));
    points.y.push_back(as_double(record.check.total.measured));
  }
  return points;
}

Points witness_points(const Records& records) {
  Points points{QObject::tr("seen by the witness"), series_colour(0), Shape::diamond, {}, {}};
  for (const CheckedRecord& record : records.checked) {
    if (!record.check.witness) continue;
    points.x.push_back(as_double(record.check.witness->predicted));
    points.y.push_back(as_double(record.check.witness->measured));
  }
  return points;
}

QString readout_of(const CheckedRecord& record, const sim::CheckedFigure& figure, const QString& measured) {
  return QObject::tr("<b>%1</b><br>%2, %3, %4 tokens<br>%5: %6<br>predicted: %7<br>difference: %8")
      .arg(QFileInfo(record.path).fileName().toHtmlEscaped(), name_text(record.job.model.name).toHtmlEscaped(),
           method_text(record.job.method), tokens_text(record.job.seq), measured, bytes_text_exact(figure.measured),
           bytes_text_exact(figure.predicted), signed_bytes_text(figure.difference()));
}

QString readout(const Records& records, const Hit& hit) {
  const std::optional<std::size_t> index = record_of(records, hit);
  if (!index) return {};
  const CheckedRecord& record = records.checked[*index];
  return hit.series == kAllocated ? readout_of(record, record.check.total, QObject::tr("measured"))
                                  : readout_of(record, *record.check.witness, QObject::tr("seen by the witness"));
}

}  // namespace

Scene records_scene(const Records& records) {
  Scene scene;
  if (records.checked.empty()) {
    scene.empty = QObject::tr(
        "Open records, or a folder of them, to see them beside their predictions.\n"
        "headroom measure writes records.");
    return scene;
  }
  const Extent extent = extent_of(records);
  scene.x = {QObject::tr("Predicted"), Unit::bytes, Scale::logarithmic, extent.lower, extent.upper, {}};
  scene.y = {QObject::tr("Measured"), Unit::bytes, Scale::logarithmic, extent.lower, extent.upper, {}};
  scene.bands.push_back(tolerance_band(extent));
  scene.curves.push_back({QString(),
                          QColor(0x80, 0x80, 0x80),
                          Qt::SolidLine,
                          false,
                          {extent.lower, extent.upper},
                          {extent.lower, extent.upper}});
  scene.points.push_back(allocated_points(records));
  Points witnesses = witness_points(records);
  if (!witnesses.x.empty()) scene.points.push_back(std::move(witnesses));
  scene.readout = [records](const Hit& hit) { return readout(records, hit); };
  return scene;
}

std::optional<std::size_t> record_of(const Records& records, const Hit& hit) {
  if (hit.series < 0 || hit.index < 0) return std::nullopt;
  int point = -1;
  for (std::size_t i = 0; i < records.checked.size(); ++i) {
    if (hit.series == kAllocated || records.checked[i].check.witness) ++point;
    if (point == hit.index) return i;
  }
  return std::nullopt;
}

Scene record_scene(const CheckedRecord& record) {
  BytesByCategory predicted = record.predicted.categories;
  for (const Category outside : {Category::context, Category::workspace, Category::allocator_slack}) {
    predicted[outside] = Bytes();
  }
  Scene scene = stacks_scene(
      {{QObject::tr("measured"), record.measured, {}}, {QObject::tr("predicted"), predicted, {}}}, Bytes());
  scene.y.title = QObject::tr("Allocated at the peak");
  scene.has_legend = false;
  return scene;
}

CsvTable records_csv(const Records& records) {
  CsvTable table;
  table.header = {"record",         "model",           "method",           "seq_tokens",      "figure",
                  "measured_bytes", "predicted_bytes", "difference_bytes", "tolerance_bytes", "agrees"};
  for (const CheckedRecord& record : records.checked) {
    for (const CheckedRow& row : checked_rows(record.check)) {
      table.rows.push_back({record.path, to_qt(record.job.model.name), to_qt(record.job.method.name),
                            QString::number(record.job.seq.count()),
                            row.category ? to_qt(name_of(*row.category)) : row.name,
                            QString::number(row.figure.measured.count()), QString::number(row.figure.predicted.count()),
                            QString::number(row.figure.difference().count()),
                            QString::number(row.figure.tolerance.count()), row.figure.agrees() ? "true" : "false"});
    }
  }
  return table;
}

}  // namespace headroom::gui
