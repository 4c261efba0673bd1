#include "views/breakdown_view.h"

#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

#include <headroom/models/error.h>

#include "model/text.h"
#include "views/layouts.h"

namespace headroom::gui {

BreakdownView::BreakdownView(JobState& state, QWidget* parent)
    : View(state, QStringLiteral("breakdown"), tr("Breakdown"), parent),
      plot_(new Plot),
      heading_(make_heading()),
      tensors_(new TensorsTable(this)),
      table_(new TableView(tensors_)) {
  plot_->setAccessibleName(tr("Memory at the peak by method and category"));
  table_->setAccessibleName(tr("Tensors of the chosen segment"));
  stack_vertically(this, plot_, with_heading(heading_, table_));
  connect(plot_, &Plot::picked, this, &BreakdownView::choose);
}

void BreakdownView::refresh() {
  predictions_ = predict_methods(state().job());
  plot_->set_scene(stacks_scene(stacks_of(predictions_), state().job().device.capacity.bytes));
  show_tensors();
}

void BreakdownView::choose(const Hit& hit) {
  const std::vector<Category> categories = categories_in(stacks_of(predictions_));
  const auto index = static_cast<std::size_t>(std::max(hit.index, 0));
  const auto series = static_cast<std::size_t>(std::max(hit.series, 0));
  if (index >= predictions_.size() || series >= categories.size()) return;
  choice_ = Choice{predictions_[index].job.method.name, categories[series]};
  show_tensors();
}

std::optional<BreakdownView::Choice> BreakdownView::standard_choice() const {
  const std::string& method = state().job().method.name;
  const Prediction* prediction = prediction_of(method);
  if (prediction == nullptr || !prediction->breakdown) return std::nullopt;
  return Choice{method, prediction->breakdown->binding};
}

void BreakdownView::show_tensors() {
  const Prediction* chosen = choice_ ? prediction_of(choice_->method) : nullptr;
  const bool is_gone = chosen == nullptr || !chosen->breakdown;
  const std::optional<Choice> choice = is_gone ? standard_choice() : choice_;
  if (!choice) {
    plot_->select(std::nullopt);
    heading_->setText(tr("Choose a segment to see its tensors"));
    tensors_->set_rows({});
    return;
  }
  const Prediction& prediction = *prediction_of(choice->method);
  const Bytes bytes = prediction.breakdown->categories[choice->category];
  tensors_->set_rows(tensors_of(prediction.job, choice->category));
  const bool is_outside = tensors_->rows().empty() && bytes > Bytes();
  heading_->setText(tr("%1 with %2 at the peak, %3: %4%5")
                        .arg(capitalised(category_text(choice->category)), method_text(prediction.job.method),
                             to_qt(sim::format_moment(prediction.breakdown->moment)), bytes_text(bytes),
                             is_outside ? tr(", which the device holds outside tensors") : QString()));
  plot_->select(hit_of(*choice));
}

const Prediction* BreakdownView::prediction_of(const std::string& method) const {
  const auto found = std::find_if(predictions_.begin(), predictions_.end(),
                                  [&method](const Prediction& p) { return p.job.method.name == method; });
  return found == predictions_.end() ? nullptr : &*found;
}

Hit BreakdownView::hit_of(const Choice& choice) const {
  const std::vector<Category> categories = categories_in(stacks_of(predictions_));
  const auto series = std::find(categories.begin(), categories.end(), choice.category);
  const auto index = prediction_of(choice.method) - predictions_.data();
  if (series == categories.end()) return {-1, static_cast<int>(index), 0, 0};
  return {static_cast<int>(series - categories.begin()), static_cast<int>(index), 0, 0};
}

}  // namespace headroom::gui
