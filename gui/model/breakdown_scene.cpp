#include "model/breakdown_scene.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "model/colours.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

constexpr double kRoomAbove = 1.12;
constexpr double kMostCapacities = 2.5;
constexpr double kMostSeconds = 1.6;  ///< of the second highest bar

double as_double(Bytes bytes) { return static_cast<double>(bytes.count()); }

BarSeries series_for(Category category, const std::vector<Stack>& stacks) {
  BarSeries series{category_text(category), category_colour(category), {}, is_outside_tensors(category)};
  for (const Stack& stack : stacks) series.values.push_back(as_double(stack.categories[category]));
  return series;
}

SceneAxis names_axis(const std::vector<Stack>& stacks) {
  SceneAxis axis;
  for (const Stack& stack : stacks) axis.names.push_back(stack.name);
  return axis;
}

/// What the highest bar may be: one that dwarfs the others is cut off rather than they squeezed.
double highest_shown(std::vector<double> totals, double capacity) {
  std::sort(totals.begin(), totals.end(), std::greater<>());
  const double second = totals.size() > 1 ? totals[1] : totals.front();
  return std::min(std::max(totals.front(), capacity), std::max(kMostCapacities * capacity, kMostSeconds * second));
}

bool has_host(const std::vector<Stack>& stacks) {
  return std::any_of(stacks.begin(), stacks.end(), [](const Stack& stack) { return stack.node.has_value(); });
}

SceneAxis bytes_axis(const std::vector<Stack>& stacks, Bytes capacity) {
  std::vector<double> totals{0};
  for (const Stack& stack : stacks) totals.push_back(as_double(stack.categories.total()));
  const double highest = std::max(highest_shown(std::move(totals), as_double(capacity)), 1.0);
  const QString title =
      has_host(stacks) ? QObject::tr("Memory of a rank at its peak") : QObject::tr("Device memory at the peak");
  return {title, Unit::bytes, Scale::linear, 0, highest * kRoomAbove, {}};
}

/// What one stack may be: the device's capacity, or a rank's share of the host; 0: no limit.
Bytes limit_of(const Stack& stack, Bytes capacity) {
  if (!stack.node) return capacity;
  return stack.node->limit ? Bytes(stack.node->limit->count() / stack.node->ranks) : Bytes();
}

bool is_too_high(const Stack& stack, Bytes capacity) {
  const Bytes limit = limit_of(stack, capacity);
  return limit > Bytes() && stack.categories.total() > limit;
}

Hatch hatch_for(int bar, const Stack& stack, Bytes capacity) {
  const Bytes total = stack.categories.total();
  const Bytes limit = limit_of(stack, capacity);
  const QString more =
      QStringLiteral("+") + bytes_text(stack.node ? stack.node->needed - *stack.node->limit : total - limit);
  return {bar, as_double(limit), as_double(total), stack.node ? QObject::tr("node\n%1").arg(more) : more};
}

/// Above a bar of the host: what the node keeps.
Marker node_marker(int bar, const Stack& stack, double highest) {
  const double top = std::min(as_double(stack.categories.total()), highest);
  return {static_cast<double>(bar), top, QObject::tr("node\n%1").arg(bytes_text(stack.node->needed)), {}};
}

Limit capacity_line(Bytes capacity, bool beside_host) {
  const QString name = beside_host ? QObject::tr("device capacity %1") : QObject::tr("capacity %1");
  return {Qt::Horizontal, as_double(capacity), name.arg(bytes_text(capacity)), limit_colour(), Qt::SolidLine};
}

QString total_text(const Stack& stack, Bytes capacity) {
  const Bytes total = stack.categories.total();
  if (stack.node) return QObject::tr("<br>on the host: %1 a rank<br>%2").arg(bytes_text(total), node_text(*stack.node));
  QString text = QObject::tr("<br>device memory: %1").arg(bytes_text(total));
  if (is_too_high(stack, capacity)) text += QObject::tr("<br>too much by %1").arg(bytes_text(total - capacity));
  return text;
}

QString readout(const Hit& hit, const std::vector<Stack>& stacks, const std::vector<Category>& categories,
                Bytes capacity) {
  if (hit.index < 0) return {};
  const Stack& stack = stacks[static_cast<std::size_t>(hit.index)];
  const QString name = QString(stack.name).replace(QLatin1Char('\n'), QLatin1String(", ")).toHtmlEscaped();
  if (!stack.refused.isEmpty()) return QStringLiteral("<b>%1</b>: %2").arg(name, stack.refused.toHtmlEscaped());
  QString text = QStringLiteral("<b>%1</b>").arg(name);
  if (hit.series >= 0) {
    const Category category = categories[static_cast<std::size_t>(hit.series)];
    text += QStringLiteral("<br>%1: %2").arg(category_text(category), bytes_text_exact(stack.categories[category]));
  }
  text += total_text(stack, capacity);
  if (!stack.peak.isEmpty()) text += QObject::tr("<br>peaks at %1").arg(stack.peak);
  return text;
}

QString number_text(Bytes bytes) { return QString::number(bytes.count()); }

QStringList category_fields(const BytesByCategory& categories) {
  QStringList fields;
  for (const Bytes bytes : categories.bytes) fields.push_back(number_text(bytes));
  return fields;
}

/// The pipeline's stage; empty where there is none.
QStringList moment_fields(const sim::Moment& moment) {
  const bool has_stage = moment.stage != sim::Moment::kNoStage;
  return {to_qt(name_of(moment.instant)), has_stage ? QString::number(moment.stage) : QString()};
}

QStringList device_fields(const Job& job, const sim::Breakdown& breakdown) {
  return category_fields(breakdown.categories) +
         QStringList{number_text(breakdown.allocated), number_text(breakdown.device),
                     number_text(job.device.capacity.bytes)} +
         moment_fields(breakdown.moment) + QStringList{to_qt(name_of(breakdown.binding))};
}

QStringList host_fields(const Job& job, const sim::HostMemory& host) {
  const std::optional<NodeMemory> node = node_memory(job, host);
  if (!node) return {};
  return category_fields(host.categories) +
         QStringList{number_text(host.allocated), number_text(node->needed),
                     node->limit ? number_text(*node->limit) : QString()} +
         moment_fields(host.moment);
}

void annotate(Scene& scene, int bar, const Stack& stack, Bytes capacity) {
  if (is_too_high(stack, capacity)) {
    scene.hatches.push_back(hatch_for(bar, stack, capacity));
  } else if (stack.node) {
    scene.markers.push_back(node_marker(bar, stack, scene.y.upper));
  }
  if (!stack.refused.isEmpty()) scene.markers.push_back({static_cast<double>(bar), 0, QObject::tr("refused"), {}});
}

}  // namespace

bool is_outside_tensors(Category category) {
  return category == Category::context || category == Category::workspace || category == Category::allocator_slack;
}

std::vector<Category> stack_order() {
  std::vector<Category> order;
  for (const auto& named : values_of<Category>()) order.push_back(named.value);
  std::stable_partition(order.begin(), order.end(), is_outside_tensors);
  return order;
}

std::vector<Category> categories_in(const std::vector<Stack>& stacks) {
  std::vector<Category> categories = stack_order();
  std::erase_if(categories, [&stacks](Category category) {
    return std::all_of(stacks.begin(), stacks.end(),
                       [category](const Stack& stack) { return stack.categories[category] == Bytes(); });
  });
  return categories;
}

Scene stacks_scene(const std::vector<Stack>& stacks, Bytes capacity) {
  Scene scene;
  scene.is_zoomable = false;
  scene.x = names_axis(stacks);
  scene.y = bytes_axis(stacks, capacity);
  const std::vector<Category> categories = categories_in(stacks);
  for (const Category category : categories) scene.bars.push_back(series_for(category, stacks));
  if (capacity > Bytes()) scene.limits.push_back(capacity_line(capacity, has_host(stacks)));
  for (std::size_t i = 0; i < stacks.size(); ++i) annotate(scene, static_cast<int>(i), stacks[i], capacity);
  scene.readout = [stacks, categories, capacity](const Hit& hit) { return readout(hit, stacks, categories, capacity); };
  return scene;
}

void add_stacks(std::vector<Stack>& stacks, const QString& name, const Prediction& prediction, std::size_t of) {
  Stack device{.name = name, .categories = {}, .refused = to_qt(prediction.refused), .of = of};
  if (prediction.breakdown) {
    device.categories = prediction.breakdown->categories;
    device.peak = to_qt(sim::format_moment(prediction.breakdown->moment));
  }
  stacks.push_back(std::move(device));
  if (!prediction.breakdown) return;
  const sim::HostMemory& host = prediction.breakdown->host;
  const std::optional<NodeMemory> node = node_memory(prediction.job, host);
  if (!node) return;
  stacks.push_back({.name = QObject::tr("%1\nhost").arg(name),
                    .categories = host.categories,
                    .peak = to_qt(sim::format_moment(host.moment)),
                    .of = of,
                    .node = node});
}

std::vector<Stack> stacks_of(const std::vector<Prediction>& predictions) {
  std::vector<Stack> stacks;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    add_stacks(stacks, method_text(predictions[i].job.method), predictions[i], i);
  }
  return stacks;
}

CsvTable breakdown_csv(const std::vector<Prediction>& predictions) {
  CsvTable table;
  table.header = {"method", "refused", "fits", "seq_tokens"};
  for (const auto& named : values_of<Category>()) table.header.push_back(to_qt(named.name) + "_bytes");
  table.header += {"allocated_bytes", "device_bytes", "capacity_bytes", "instant", "stage", "binding"};
  for (const auto& named : values_of<Category>()) table.header.push_back("host_" + to_qt(named.name) + "_bytes");
  table.header += {"host_bytes", "host_node_bytes", "host_capacity_bytes", "host_instant", "host_stage"};
  for (const Prediction& prediction : predictions) {
    QStringList row{to_qt(prediction.job.method.name), to_qt(prediction.refused), prediction.fits() ? "true" : "false",
                    QString::number(prediction.job.seq.count())};
    if (prediction.breakdown) row += device_fields(prediction.job, *prediction.breakdown);
    if (prediction.breakdown) row += host_fields(prediction.job, prediction.breakdown->host);
    row.resize(table.header.size());
    table.rows.push_back(row);
  }
  return table;
}

}  // namespace headroom::gui
