#include "views/sweep_view.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

#include <headroom/models/presets.h>

#include "model/text.h"
#include "views/layouts.h"
#include "views/tick_list.h"

namespace headroom::gui {
namespace {

/// The models of the BPT paper's figure.
QStringList first_models() {
  return {QStringLiteral("bpt-gpt-1b"), QStringLiteral("bpt-gpt-3b"), QStringLiteral("bpt-gpt-7b"),
          QStringLiteral("bpt-gpt-13b"), QStringLiteral("llama-3-8b")};
}

}  // namespace

SweepView::SweepView(JobState& state, QWidget* parent)
    : View(state, QStringLiteral("models"), tr("Models"), parent),
      plot_(new Plot),
      models_(make_tick_list(model_names(), first_models(), tr("Models"))),
      devices_(make_tick_list(device_names(), {to_qt(state.job().device.name)}, tr("Devices"))),
      progress_(make_progress_bar(tr("Contexts are being found"))),
      work_(
          this, [this](Sweep sweep) { show_sweep(std::move(sweep)); },
          [this](double share) { show_progress(progress_, share); }) {
  plot_->setAccessibleName(tr("Longest context by model and method"));
  auto* lists = new QVBoxLayout;
  lists->addWidget(make_heading(tr("Models")));
  lists->addWidget(models_, 3);
  lists->addWidget(make_heading(tr("Devices")));
  lists->addWidget(devices_, 2);
  for (QListWidget* list : {models_, devices_}) {
    connect(list, &QListWidget::itemChanged, this, &SweepView::refresh);
  }
  auto* picture = new QVBoxLayout;
  picture->addWidget(plot_, 1);
  picture->addWidget(progress_);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(6, 6, 6, 6);
  layout->addLayout(picture, 1);
  layout->addLayout(lists);
}

void SweepView::refresh() {
  const SweepRequest request{state().job(), ticked_in(models_), ticked_in(devices_)};
  work_.start([request](const Progress& progress) { return sweep(request, progress); });
}

void SweepView::show_sweep(Sweep sweep) {
  progress_->hide();
  sweep_ = std::move(sweep);
  plot_->set_scene(sweep_scene(sweep_));
}

}  // namespace headroom::gui
