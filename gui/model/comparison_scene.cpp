#include <algorithm>
#include <utility>

#include "model/breakdown_scene.h"
#include "model/colours.h"
#include "model/comparison.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

/// The part of a stack that one category has of what both jobs hold, or of what one holds alone.
struct Layer {
  Category category{};
  bool is_shared = false;
};

/// What a term adds to a layer of the first or the second job.
Bytes bytes_in(const sim::TermDifference& term, const Layer& layer, std::size_t job) {
  const Bytes shared = std::min(term.first.total, term.second.total);
  if (layer.is_shared) return shared;
  return (job == 0 ? term.first.total : term.second.total) - shared;
}

/// The terms of a layer, largest first.
using LayerTerms = std::vector<std::pair<Bytes, QString>>;

LayerTerms terms_in(const std::vector<sim::TermDifference>& terms, const Layer& layer, const Stack& stack) {
  LayerTerms found;
  for (const sim::TermDifference& term : terms) {
    if (term.memory != stack.memory() || term.category != layer.category) continue;
    const Bytes bytes = bytes_in(term, layer, stack.of);
    if (bytes > Bytes()) found.emplace_back(bytes, to_qt(term.name));
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return found;
}

Bytes total_of(const LayerTerms& terms) {
  Bytes total;
  for (const auto& [bytes, name] : terms) total += bytes;
  return total;
}

/// Without a name: the legend has each category once.
BarSeries series_of(const Layer& layer, const std::vector<sim::TermDifference>& terms,
                    const std::vector<Stack>& stacks) {
  const QColor colour = category_colour(layer.category);
  BarSeries series{{}, layer.is_shared ? faint(colour) : colour, {}};
  for (const Stack& stack : stacks) {
    series.values.push_back(static_cast<double>(total_of(terms_in(terms, layer, stack)).count()));
  }
  return series;
}

bool has_bars(const BarSeries& series) {
  return std::any_of(series.values.begin(), series.values.end(), [](double value) { return value > 0; });
}

QString layer_text(const Layer& layer, const Stack& stack, const LayerTerms& terms) {
  constexpr std::size_t kMostNames = 6;
  const QString holder = stack.of == 0 ? QObject::tr("the kept job alone") : QObject::tr("this job alone");
  QString text = QObject::tr("<br><b>%1, %2: %3</b>")
                     .arg(category_text(layer.category), layer.is_shared ? QObject::tr("both") : holder,
                          bytes_text_exact(total_of(terms)));
  for (std::size_t i = 0; i < std::min(terms.size(), kMostNames); ++i) {
    text += QStringLiteral("<br>%1: %2").arg(terms[i].second.toHtmlEscaped(), bytes_text(terms[i].first));
  }
  if (terms.size() > kMostNames) text += QObject::tr("<br>and %1 more").arg(terms.size() - kMostNames);
  return text;
}

/// What both hold, then what one holds alone.
void add_layers(Scene& scene, std::vector<Layer>& layers, const std::vector<sim::TermDifference>& terms,
                const std::vector<Stack>& stacks) {
  for (const bool is_shared : {true, false}) {
    for (const Category category : categories_in(stacks)) {
      const Layer layer{category, is_shared};
      BarSeries series = series_of(layer, terms, stacks);
      if (!has_bars(series)) continue;
      layers.push_back(layer);
      scene.bars.push_back(std::move(series));
    }
  }
}

/// A category has its full colour, or its faint one where both jobs hold the same of it.
void add_legend(Scene& scene, const std::vector<sim::TermDifference>& terms, const std::vector<Stack>& stacks) {
  const std::vector<double> none(stacks.size(), 0);
  for (const Category category : categories_in(stacks)) {
    const bool is_shared = !has_bars(series_of({category, false}, terms, stacks));
    const QColor colour = category_colour(category);
    scene.bars.push_back(
        {category_text(category), is_shared ? faint(colour) : colour, none, is_outside_tensors(category)});
  }
  scene.bars.push_back({QObject::tr("faint: in both"), faint(sign_colour()), none, true});
}

}  // namespace

Scene comparison_scene(const Comparison& comparison) {
  const Bytes first = comparison.first.job.device.capacity.bytes;
  const Bytes second = comparison.second.job.device.capacity.bytes;
  std::vector<Stack> stacks;
  add_stacks(stacks, QObject::tr("kept job"), comparison.first, 0);
  add_stacks(stacks, QObject::tr("this job"), comparison.second, 1);
  Scene scene = stacks_scene(stacks, first == second ? first : Bytes());
  if (!comparison.difference) return scene;
  scene.bars.clear();
  std::vector<Layer> layers;
  const std::vector<sim::TermDifference>& terms = comparison.difference->terms;
  add_layers(scene, layers, terms, stacks);
  add_legend(scene, terms, stacks);
  scene.readout = [layers, stacks, terms, of_stack = scene.readout](const Hit& hit) {
    QString text = of_stack({-1, hit.index, hit.x, hit.y});
    if (hit.index < 0 || hit.series < 0 || static_cast<std::size_t>(hit.series) >= layers.size()) return text;
    const Layer& layer = layers[static_cast<std::size_t>(hit.series)];
    const Stack& stack = stacks[static_cast<std::size_t>(hit.index)];
    return text + layer_text(layer, stack, terms_in(terms, layer, stack));
  };
  return scene;
}

}  // namespace headroom::gui
