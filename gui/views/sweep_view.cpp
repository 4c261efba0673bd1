#include "views/sweep_view.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include <utility>

#include <headroom/models/error.h>
#include <headroom/models/job_change.h>
#include <headroom/models/presets.h>

#include "model/text.h"
#include "views/layouts.h"

namespace headroom::gui {
namespace {

constexpr int kColumnWidth = 170;

/// In the order of Asked.
QComboBox* make_asked_box() {
  auto* box = new QComboBox;
  box->setObjectName(QStringLiteral("sweep-asked"));
  box->setAccessibleName(QObject::tr("Answer of every job"));
  box->addItems({QObject::tr("Longest context"), QObject::tr("Peak at its length")});
  return box;
}

}  // namespace

SweepView::SweepView(JobState& state, QWidget* parent)
    : View(state, QStringLiteral("sweep"), tr("Sweep"), parent),
      plot_(new Plot),
      asked_(make_asked_box()),
      groups_(new AxisPicker(QStringLiteral("sweep-groups"), tr("Groups"), AxisPicker::Need::required)),
      subgroups_(new AxisPicker(QStringLiteral("sweep-subgroups"), tr("Within groups"), AxisPicker::Need::optional)),
      series_(new AxisPicker(QStringLiteral("sweep-series"), tr("Colours"), AxisPicker::Need::required)),
      column_(new QVBoxLayout),
      progress_(make_progress_bar(tr("Jobs are being answered"))),
      work_(
          this, [this](Sweep sweep) { show_sweep(std::move(sweep)); },
          [this](double share) { show_progress(progress_, share); }) {
  plot_->setAccessibleName(tr("Longest context or peak by what varies"));
  series_->choose("method");
  auto* picture = new QVBoxLayout;
  picture->addWidget(plot_, 1);
  picture->addWidget(progress_);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(6, 6, 6, 6);
  layout->addLayout(picture, 1);
  layout->addWidget(make_controls());
}

QWidget* SweepView::make_controls() {
  auto* controls = new QWidget;
  controls->setFixedWidth(kColumnWidth);
  controls->setLayout(column_);
  column_->setContentsMargins(0, 0, 0, 0);
  column_->addWidget(make_heading(tr("Answer")));
  column_->addWidget(asked_);
  for (AxisPicker* picker : {groups_, subgroups_, series_}) {
    column_->addWidget(picker);
    connect(picker, &AxisPicker::changed, this, &SweepView::refresh);
  }
  column_->addStretch();
  connect(asked_, &QComboBox::currentIndexChanged, this, &SweepView::refresh);
  return controls;
}

void SweepView::vary(const QStringList& changes) {
  QList<AxisPicker*> pickers{groups_, subgroups_, series_};
  if (changes.size() > pickers.size()) throw InputError("--vary is given more than three times");
  if (changes.size() < pickers.size()) pickers.removeAt(1);
  for (qsizetype i = 0; i < changes.size(); ++i) {
    const JobChange change = parse_change(to_utf8(changes[i]), "--vary");
    pickers[i]->choose(change.name, change.value);
  }
}

void SweepView::ask(Asked asked) { asked_->setCurrentIndex(static_cast<int>(asked)); }

SweepRequest SweepView::request() const {
  SweepRequest request{state().job(), {}, *series_->variation(), static_cast<Asked>(asked_->currentIndex())};
  for (const AxisPicker* picker : {groups_, subgroups_}) {
    if (std::optional<Variation> variation = picker->variation()) request.groups.push_back(std::move(*variation));
  }
  return request;
}

/// Between the lists of names.
void SweepView::share_room() {
  for (AxisPicker* picker : {groups_, subgroups_, series_}) {
    column_->setStretchFactor(picker, picker->has_list() ? 1 : 0);
  }
}

/// The job's device, and the methods that its ranks allow.
void SweepView::suggest_values() {
  QStringList methods;
  for (const std::string_view name : methods_on(state().job().degrees)) methods << to_qt(name);
  for (AxisPicker* picker : {groups_, subgroups_, series_}) {
    picker->suggest("hardware", {to_qt(state().job().device.name)});
    picker->suggest("method", methods);
  }
}

void SweepView::refresh() {
  share_room();
  suggest_values();
  try {
    work_.start([plan = plan_sweep(request())](const Progress& progress) { return answer_sweep(plan, progress); });
  } catch (const InputError& error) {
    work_.cancel();
    Sweep none;
    none.refused = capitalised(to_qt(error.what()));
    show_sweep(std::move(none));
  }
}

void SweepView::show_sweep(Sweep sweep) {
  progress_->hide();
  sweep_ = std::move(sweep);
  plot_->set_scene(sweep_scene(sweep_));
}

}  // namespace headroom::gui
