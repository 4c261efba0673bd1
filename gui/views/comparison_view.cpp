#include "views/comparison_view.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "model/text.h"
#include "views/layouts.h"
#include "views/table_view.h"

namespace headroom::gui {
namespace {

/// The same step without a method's savings: what most people compare with.
Job first_kept(Job job) {
  job.method = method_preset("vanilla").method;
  return job;
}

QString settings_text(const Comparison& comparison) {
  if (comparison.settings.empty()) return QObject::tr("Both jobs have the same settings.");
  QStringList lines;
  for (const ComparedSetting& setting : comparison.settings) {
    lines << QStringLiteral("%1: %2 → %3").arg(setting.name, setting.first, setting.second);
  }
  return lines.join(QStringLiteral(" · "));
}

}  // namespace

ComparisonView::ComparisonView(JobState& state, QWidget* parent)
    : View(state, QStringLiteral("compare"), tr("Compare"), parent),
      kept_(first_kept(state.job())),
      plot_(new Plot),
      kept_label_(make_heading()),
      settings_(make_note()),
      terms_(new ComparisonTable(this)) {
  plot_->setAccessibleName(tr("The kept job and this job by category"));
  auto* keep_button = new QPushButton(tr("&Keep this job"));
  keep_button->setToolTip(tr("Compare what follows with the job as it is now"));
  auto* open_button = new QPushButton(tr("Open the &other job…"));
  connect(keep_button, &QPushButton::clicked, this, [this] { keep(this->state().job()); });
  connect(open_button, &QPushButton::clicked, this, &ComparisonView::ask_file);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(keep_button);
  buttons->addWidget(open_button);
  buttons->addWidget(kept_label_, 1);
  auto* table = new TableView(terms_);
  table->setAccessibleName(tr("Terms of both jobs"));
  auto* splitter = new QSplitter(Qt::Horizontal);
  splitter->addWidget(plot_);
  splitter->addWidget(table);
  splitter->setSizes({520, 480});
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(6, 6, 6, 6);
  layout->addLayout(buttons);
  layout->addWidget(settings_);
  layout->addWidget(splitter, 1);
}

void ComparisonView::keep(const Job& job) {
  kept_ = job;
  refresh();
}

void ComparisonView::keep_file(const QString& path) {
  Job job = read_job(to_utf8(path)).value;
  if (job.seq == Tokens(0)) job.seq = state().job().seq;
  keep(job);
}

void ComparisonView::refresh() {
  comparison_ = compare_jobs(kept_, state().job());
  kept_label_->setText(
      tr("Kept: %1, %2 tokens, %3").arg(subject_text(kept_), tokens_text(kept_.seq), method_text(kept_.method)));
  settings_->setText(settings_text(comparison_));
  plot_->set_scene(comparison_scene(comparison_));
  terms_->set_rows(terms_of(comparison_));
}

void ComparisonView::ask_file() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Open the other job"), {}, tr("JSON (*.json)"));
  if (path.isEmpty()) return;
  try {
    keep_file(path);
  } catch (const InputError& error) {
    Q_EMIT told(capitalised(to_qt(error.what())));
  }
}

}  // namespace headroom::gui
