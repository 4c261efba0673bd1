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
  stacks_ = stacks_of(predictions_);
  plot_->set_scene(stacks_scene(stacks_, state().job().device.capacity.bytes));
  show_tensors();
}

void BreakdownView::choose(const Hit& hit) {
  const std::vector<Category> categories = categories_in(stacks_);
  const auto index = static_cast<std::size_t>(std::max(hit.index, 0));
  const auto series = static_cast<std::size_t>(std::max(hit.series, 0));
  if (index >= stacks_.size() || series >= categories.size()) return;
  const Stack& stack = stacks_[index];
  choice_ = Choice{predictions_[stack.of].job.method.name, stack.memory(), categories[series]};
  show_tensors();
}

std::optional<BreakdownView::Choice> BreakdownView::standard_choice() const {
  const std::string& method = state().job().method.name;
  const Prediction* prediction = prediction_of(method);
  if (prediction == nullptr || !prediction->breakdown) return std::nullopt;
  return Choice{method, sim::Memory::device, prediction->breakdown->binding};
}

void BreakdownView::show_tensors() {
  const Stack* chosen = choice_ ? stack_of(*choice_) : nullptr;
  const bool is_gone = chosen == nullptr || !chosen->refused.isEmpty();
  const std::optional<Choice> choice = is_gone ? standard_choice() : choice_;
  if (!choice) {
    plot_->select(std::nullopt);
    heading_->setText(tr("Choose a segment to see its tensors"));
    tensors_->set_rows({});
    return;
  }
  const Stack& stack = *stack_of(*choice);
  tensors_->set_rows(tensors_of(predictions_[stack.of].job, choice->category, choice->memory));
  heading_->setText(heading_for(*choice, stack));
  plot_->select(hit_of(*choice));
}

QString BreakdownView::heading_for(const Choice& choice, const Stack& stack) const {
  const Bytes bytes = stack.categories[choice.category];
  const bool is_outside = tensors_->rows().empty() && bytes > Bytes();
  const QString rest = is_outside ? tr(", which the device holds outside tensors") : QString();
  return tr("%1 with %2 %3, %4: %5%6")
      .arg(capitalised(category_text(choice.category)), method_text(predictions_[stack.of].job.method),
           stack.node ? tr("on the host at its peak") : tr("at the peak"), stack.peak, bytes_text(bytes),
           stack.node ? tr("; in all %1").arg(node_text(*stack.node)) : rest);
}

const Prediction* BreakdownView::prediction_of(const std::string& method) const {
  const auto found = std::find_if(predictions_.begin(), predictions_.end(),
                                  [&method](const Prediction& p) { return p.job.method.name == method; });
  return found == predictions_.end() ? nullptr : &*found;
}

const Stack* BreakdownView::stack_of(const Choice& choice) const {
  const auto found = std::find_if(stacks_.begin(), stacks_.end(), [&](const Stack& stack) {
    return stack.memory() == choice.memory && predictions_[stack.of].job.method.name == choice.method;
  });
  return found == stacks_.end() ? nullptr : &*found;
}

Hit BreakdownView::hit_of(const Choice& choice) const {
  const std::vector<Category> categories = categories_in(stacks_);
  const auto series = std::find(categories.begin(), categories.end(), choice.category);
  const auto index = static_cast<int>(stack_of(choice) - stacks_.data());
  if (series == categories.end()) return {-1, index, 0, 0};
  return {static_cast<int>(series - categories.begin()), index, 0, 0};
}

}  // namespace headroom::gui
