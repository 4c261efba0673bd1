#include "views/records_view.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

#include "model/text.h"
#include "views/layouts.h"

namespace headroom::gui {

RecordsView::RecordsView(JobState& state, QWidget* parent)
    : View(state, QStringLiteral("records"), tr("Measured"), parent),
      plot_(new Plot),
      one_plot_(new Plot),
      summary_(make_heading()),
      rows_(new RecordsTable(this)),
      figures_(new CheckTable(this)),
      table_(new TableView(rows_)),
      figures_table_(new TableView(figures_)),
      progress_(make_progress_bar(tr("Records are being read"))),
      work_(
          this, [this](Records records) { show_records(std::move(records)); },
          [this](double share) { show_progress(progress_, share); }) {
  plot_->setAccessibleName(tr("Measured against predicted bytes of all records"));
  one_plot_->setAccessibleName(tr("The chosen record, measured and predicted"));
  table_->setAccessibleName(tr("Records"));
  figures_table_->setAccessibleName(tr("Figures of the chosen record"));
  setup_layout();
  connect(table_, &TableView::row_chosen, this, &RecordsView::show_record);
  connect(plot_, &Plot::picked, this, [this](const Hit& hit) {
    if (const auto record = record_of(records_, hit)) table_->choose_row(static_cast<int>(*record));
  });
  show_records({});
}

void RecordsView::setup_layout() {
  auto* files = new QPushButton(tr("Open &records…"));
  auto* folder = new QPushButton(tr("Open &folder…"));
  connect(files, &QPushButton::clicked, this, &RecordsView::ask_files);
  connect(folder, &QPushButton::clicked, this, &RecordsView::ask_folder);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(files);
  buttons->addWidget(folder);
  buttons->addWidget(summary_, 1);
  buttons->addWidget(progress_);
  auto* all = new QSplitter(Qt::Vertical);
  all->addWidget(plot_);
  all->addWidget(table_);
  all->setSizes({600, 400});
  auto* chosen = new QSplitter(Qt::Vertical);
  chosen->addWidget(one_plot_);
  chosen->addWidget(figures_table_);
  chosen->setSizes({600, 400});
  auto* whole = new QSplitter(Qt::Horizontal);
  whole->addWidget(all);
  whole->addWidget(chosen);
  whole->setSizes({500, 500});
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(6, 6, 6, 6);
  layout->addLayout(buttons);
  layout->addWidget(whole, 1);
}

void RecordsView::open_records(const QStringList& files_and_folders) {
  work_.start([files_and_folders](const Progress& progress) { return read_records(files_and_folders, progress); });
}

void RecordsView::ask_files() {
  const QStringList paths = QFileDialog::getOpenFileNames(this, tr("Open records"), {}, tr("Records (*.json)"));
  if (!paths.isEmpty()) open_records(paths);
}

void RecordsView::ask_folder() {
  const QString path = QFileDialog::getExistingDirectory(this, tr("Open a folder of records"));
  if (!path.isEmpty()) open_records({path});
}

void RecordsView::show_records(Records records) {
  progress_->hide();
  records_ = std::move(records);
  const auto all = static_cast<int>(records_.checked.size());
  const auto agreeing = static_cast<int>(std::count_if(records_.checked.begin(), records_.checked.end(),
                                                       [](const CheckedRecord& r) { return r.check.agrees(); }));
  summary_->setText(all == 0 ? QString() : tr("%1 of %2 records agree with their predictions").arg(agreeing).arg(all));
  plot_->set_scene(records_scene(records_));
  rows_->set_rows(records_.checked);
  if (all > 0) {
    table_->selectRow(0);
  } else {
    show_record(-1);
  }
  if (!records_.errors.isEmpty()) {
    const QString more = records_.errors.size() > 1 ? tr(" (and %1 more)").arg(records_.errors.size() - 1) : QString();
    Q_EMIT told(records_.errors.front() + more);
  }
}

void RecordsView::show_record(int row) {
  const bool is_one = row >= 0 && row < rows_->rowCount();
  one_plot_->parentWidget()->setVisible(is_one);
  table_->setVisible(rows_->rowCount() > 0);
  if (!is_one) {
    figures_->set_rows({});
    return;
  }
  const CheckedRecord& record = rows_->row_at(row);
  one_plot_->set_scene(record_scene(record));
  figures_->set_rows(checked_rows(record.check));
}

}  // namespace headroom::gui
