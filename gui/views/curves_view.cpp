#include "views/curves_view.h"

#include <utility>

#include "views/layouts.h"

namespace headroom::gui {

CurvesView::CurvesView(JobState& state, QWidget* parent)
    : View(state, QStringLiteral("curves"), tr("Memory by context"), parent),
      plot_(new Plot),
      methods_(new PredictionsTable(this)) {
  plot_->setAccessibleName(tr("Device memory against the sequence length by method"));
  auto* table = new TableView(methods_);
  table->setAccessibleName(tr("Longest context of each method"));
  stack_vertically(this, plot_, table, 2, 1);
}

void CurvesView::refresh() {
  curves_ = predict_curves(state().job());
  plot_->set_scene(curves_scene(curves_));
  std::vector<Prediction> predictions;
  for (const MethodCurve& method : curves_.methods) predictions.push_back(method.prediction);
  methods_->set_rows(std::move(predictions));
}

}  // namespace headroom::gui
