#include "model/breakdown_scene.h"

#include <algorithm>
#include <functional>
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

SceneAxis bytes_axis(const std::vector<Stack>& stacks, Bytes capacity) {
  std::vector<double> totals{0};
  for (const Stack& stack : stacks) totals.push_back(as_double(stack.categories.total()));
  const double highest = std::max(highest_shown(std::move(totals), as_double(capacity)), 1.0);
  return {QObject::tr("Device memory at the peak"), Unit::bytes, Scale::linear, 0, highest * kRoomAbove, {}};
}

Hatch hatch_for(int bar, const Stack& stack, Bytes capacity) {
  const Bytes total = stack.categories.total();
  return {bar, as_double(capacity), as_double(total), QStringLiteral("+") + bytes_text(total - capacity)};
}

QString readout(const Hit& hit, const std::vector<Stack>& stacks, const std::vector<Category>& categories,
                Bytes capacity) {
  if (hit.index < 0) return {};
  const Stack& stack = stacks[static_cast<std::size_t>(hit.index)];
  if (!stack.refused.isEmpty()) return QStringLiteral("<b>%1</b>: %2").arg(stack.name, stack.refused.toHtmlEscaped());
  QString text = QStringLiteral("<b>%1</b>").arg(stack.name.toHtmlEscaped());
  if (hit.series >= 0) {
    const Category category = categories[static_cast<std::size_t>(hit.series)];
    text += QStringLiteral("<br>%1: %2").arg(category_text(category), bytes_text_exact(stack.categories[category]));
  }
  const Bytes total = stack.categories.total();
  text += QObject::tr("<br>device memory: %1").arg(bytes_text(total));
  if (capacity > Bytes() && total > capacity)
    text += QObject::tr("<br>too much by %1").arg(bytes_text(total - capacity));
  return text;
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
  if (capacity > Bytes()) {
    scene.limits.push_back({Qt::Horizontal, as_double(capacity), QObject::tr("capacity %1").arg(bytes_text(capacity)),
                            limit_colour(), Qt::SolidLine});
  }
  for (std::size_t i = 0; i < stacks.size(); ++i) {
    if (capacity > Bytes() && stacks[i].categories.total() > capacity) {
      scene.hatches.push_back(hatch_for(static_cast<int>(i), stacks[i], capacity));
    }
    if (!stacks[i].refused.isEmpty()) scene.markers.push_back({static_cast<double>(i), 0, QObject::tr("refused"), {}});
  }
  scene.readout = [stacks, categories, capacity](const Hit& hit) { return readout(hit, stacks, categories, capacity); };
  return scene;
}

std::vector<Stack> stacks_of(const std::vector<Prediction>& predictions) {
  std::vector<Stack> stacks;
  for (const Prediction& prediction : predictions) {
    Stack stack{method_text(prediction.job.method), {}, to_qt(prediction.refused)};
    if (prediction.breakdown) stack.categories = prediction.breakdown->categories;
    stacks.push_back(std::move(stack));
  }
  return stacks;
}

CsvTable breakdown_csv(const std::vector<Prediction>& predictions) {
  CsvTable table;
  table.header = {"method", "refused", "fits", "seq_tokens"};
  for (const auto& named : values_of<Category>()) table.header.push_back(to_qt(named.name) + "_bytes");
  table.header += {"allocated_bytes", "device_bytes", "capacity_bytes", "instant", "binding"};
  for (const Prediction& prediction : predictions) {
    QStringList row{to_qt(prediction.job.method.name), to_qt(prediction.refused), prediction.fits() ? "true" : "false",
                    QString::number(prediction.job.seq.count())};
    if (prediction.breakdown) {
      const sim::Breakdown& breakdown = *prediction.breakdown;
      for (const Bytes bytes : breakdown.categories.bytes) row.push_back(QString::number(bytes.count()));
      row += {QString::number(breakdown.allocated.count()), QString::number(breakdown.device.count()),
              QString::number(prediction.job.device.capacity.bytes.count()), to_qt(name_of(breakdown.moment.instant)),
              to_qt(name_of(breakdown.binding))};
    }
    row.resize(table.header.size());
    table.rows.push_back(row);
  }
  return table;
}

}  // namespace headroom::gui
