#include "views/timeline_view.h"

#include <QVBoxLayout>

#include <utility>

#include "views/layouts.h"

namespace headroom::gui {

TimelineView::TimelineView(JobState& state, QWidget* parent)
    : View(state, QStringLiteral("timeline"), tr("Timeline"), parent),
      plot_(new Plot),
      progress_(make_progress_bar(tr("The step is being told"))),
      work_(
          this, [this](Timeline timeline) { show_timeline(std::move(timeline)); },
          [this](double share) { show_progress(progress_, share); }) {
  plot_->setAccessibleName(tr("Live memory over one training step, or inference, by category"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(6, 6, 6, 6);
  layout->addWidget(plot_, 1);
  layout->addWidget(progress_);
}

void TimelineView::refresh() {
  work_.start([job = state().job()](const Progress& progress) { return tell_timeline(job, progress); });
}

void TimelineView::show_timeline(Timeline timeline) {
  progress_->hide();
  timeline_ = std::move(timeline);
  plot_->set_scene(timeline_scene(timeline_));
}

}  // namespace headroom::gui
