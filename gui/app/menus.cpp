#include <QActionGroup>
#include <QCoreApplication>
#include <QFileDialog>
#include <QInputDialog>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QSplitter>

#include "app/main_window.h"
#include "app/settings.h"

/// The window's menus and dialogs.
namespace headroom::gui {
namespace {

QString json_filter() { return QObject::tr("JSON (*.json);;All files (*)"); }

QString geometry_key() { return QStringLiteral("window/geometry"); }
QString splitter_key() { return QStringLiteral("window/splitter"); }
QString tab_key() { return QStringLiteral("window/tab"); }

}  // namespace

void MainWindow::setup_file_menu() {
  QMenu* menu = menuBar()->addMenu(tr("&File"));
  menu->addAction(tr("&Open job…"), QKeySequence::Open, this, &MainWindow::ask_open_job);
  recent_ = menu->addMenu(tr("Open &recent"));
  connect(recent_, &QMenu::aboutToShow, this, &MainWindow::fill_recent);
  menu->addAction(tr("&Save job"), QKeySequence::Save, this, [this] {
    if (state_.path().isEmpty()) {
      ask_save_job();
    } else {
      save_job(state_.path());
    }
  });
  menu->addAction(tr("Save job &as…"), QKeySequence::SaveAs, this, &MainWindow::ask_save_job);
  menu->addSeparator();
  menu->addAction(tr("Open &model…"), QKeySequence(tr("Ctrl+M")), this, &MainWindow::ask_open_model);
  menu->addAction(tr("Open &hardware…"), this, &MainWindow::ask_open_device);
  menu->addSeparator();
  menu->addAction(tr("&Export picture…"), QKeySequence(tr("Ctrl+E")), this, &MainWindow::ask_export_picture);
  menu->addAction(tr("Export &data…"), QKeySequence(tr("Ctrl+D")), this, &MainWindow::ask_export_data);
  menu->addSeparator();
  menu->addAction(tr("&Quit"), QKeySequence::Quit, this, &MainWindow::close);
}

void MainWindow::setup_edit_menu() {
  QMenu* menu = menuBar()->addMenu(tr("&Edit"));
  undo_ = menu->addAction(tr("&Undo"), QKeySequence::Undo, &state_, &JobState::undo);
  redo_ = menu->addAction(tr("&Redo"), QKeySequence::Redo, &state_, &JobState::redo);
  menu->addSeparator();
  menu->addAction(tr("Set a memory &budget…"), QKeySequence(tr("Ctrl+B")), this, &MainWindow::ask_budget);
  menu->addAction(tr("&Copy as command"), QKeySequence(tr("Ctrl+Shift+C")), this, &MainWindow::copy_command);
}

void MainWindow::setup_view_menu() {
  QMenu* menu = menuBar()->addMenu(tr("&View"));
  auto* themes = new QActionGroup(this);
  const std::pair<Theme, QString> entries[] = {
      {Theme::system, tr("As the &system")}, {Theme::light, tr("&Light")}, {Theme::dark, tr("&Dark")}};
  for (const auto& [theme, title] : entries) {
    QAction* action = menu->addAction(title, this, [theme = theme] {
      apply_theme(theme);
      remember_theme(theme);
    });
    action->setCheckable(true);
    action->setChecked(theme == remembered_theme());
    themes->addAction(action);
  }
  menu->addSeparator();
  menu->addAction(tr("Zoom &in"), QKeySequence::ZoomIn, this, [this] { current_view()->plot().zoom(1.25); });
  menu->addAction(tr("Zoom &out"), QKeySequence::ZoomOut, this, [this] { current_view()->plot().zoom(0.8); });
  menu->addAction(tr("&Whole picture"), QKeySequence(tr("Ctrl+0")), this,
                  [this] { current_view()->plot().reset_zoom(); });
  menu->addSeparator();
  for (std::size_t i = 0; i < views_.size(); ++i) {
    View* view = views_[i];
    menu->addAction(view->title(), QKeySequence(tr("Alt+%1").arg(i + 1)), this,
                    [this, view] { tabs_->setCurrentWidget(view); });
  }
}

void MainWindow::setup_help_menu() {
  QMenu* menu = menuBar()->addMenu(tr("&Help"));
  menu->addAction(tr("&About headroom"), this, &MainWindow::about);
}

void MainWindow::fill_recent() {
  recent_->clear();
  for (const QString& path : recent_files()) {
    recent_->addAction(path, this, [this, path] {
      if (may_discard()) open_job(path);
    });
  }
  if (recent_->isEmpty()) recent_->addAction(tr("None yet"))->setEnabled(false);
}

void MainWindow::save_settings() const {
  QSettings settings;
  settings.setValue(geometry_key(), saveGeometry());
  settings.setValue(splitter_key(), splitter_->saveState());
  settings.setValue(tab_key(), tabs_->currentIndex());
}

void MainWindow::restore_settings() {
  const QSettings settings;
  restoreGeometry(settings.value(geometry_key()).toByteArray());
  splitter_->restoreState(settings.value(splitter_key()).toByteArray());
  tabs_->setCurrentIndex(settings.value(tab_key(), 0).toInt());
}

bool MainWindow::may_discard() {
  if (!state_.is_modified() || state_.path().isEmpty()) return true;
  const auto answer = QMessageBox::question(this, tr("headroom"), tr("The job has changes that are not saved."),
                                            QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel);
  if (answer == QMessageBox::Save) save_job(state_.path());
  return answer == QMessageBox::Discard || (answer == QMessageBox::Save && !state_.is_modified());
}

void MainWindow::ask_open_job() {
  if (!may_discard()) return;
  const QString path = QFileDialog::getOpenFileName(this, tr("Open job"), {}, json_filter());
  if (!path.isEmpty()) open_job(path);
}

void MainWindow::ask_save_job() {
  const QString path = QFileDialog::getSaveFileName(this, tr("Save job"), QStringLiteral("job.json"), json_filter());
  if (!path.isEmpty()) save_job(path);
}

void MainWindow::ask_open_model() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Open model"), {}, json_filter());
  if (!path.isEmpty()) open_model(path);
}

void MainWindow::ask_open_device() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Open hardware description"), {}, json_filter());
  if (!path.isEmpty()) open_device(path);
}

void MainWindow::ask_budget() {
  const QString text = QInputDialog::getText(this, tr("Memory budget"),
                                             tr("Instead of a device: a limit on allocated bytes, such as 40GiB"));
  if (!text.isEmpty()) set_budget(text);
}

void MainWindow::ask_export_picture() {
  const QString path = QFileDialog::getSaveFileName(this, tr("Export picture"), current_view()->name() + ".png",
                                                    tr("PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"));
  if (!path.isEmpty()) export_picture(path);
}

void MainWindow::ask_export_data() {
  const QString path = QFileDialog::getSaveFileName(this, tr("Export data"), current_view()->name() + ".csv",
                                                    tr("Comma-separated values (*.csv)"));
  if (!path.isEmpty()) export_data(path);
}

void MainWindow::about() {
  QMessageBox::about(this, tr("About headroom"),
                     tr("<b>headroom %1</b><p>How long a context fits, where the memory goes, and what would get you "
                        "further.</p><p>headroom is under the Apache License 2.0. This window draws with QCustomPlot, "
                        "which is under the GNU General Public License 3; so is this program as a whole.</p>")
                         .arg(QCoreApplication::applicationVersion()));
}

}  // namespace headroom::gui
