#include "app/main_window.h"

#include <QClipboard>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMimeData>
#include <QSplitter>
#include <QVBoxLayout>

#include <headroom/models/error.h>
#include <headroom/models/read.h>

#include "app/settings.h"
#include "model/command_line.h"
#include "model/text.h"
#include "views/all_views.h"

namespace headroom::gui {

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent),
      panel_(new JobPanel(state_)),
      answer_(new AnswerBar),
      honesty_(new HonestyBar),
      messages_(new MessageBar),
      tabs_(new QTabWidget),
      splitter_(new QSplitter) {
  setup_layout();
  setup_tabs();
  setup_file_menu();
  setup_edit_menu();
  setup_view_menu();
  setup_help_menu();
  connect_panel();
  setAcceptDrops(true);
  resize(1280, 860);
  show_job();
}

View* MainWindow::current_view() const { return views_[static_cast<std::size_t>(tabs_->currentIndex())]; }

void MainWindow::show_tab(const QString& name) {
  QStringList names;
  for (View* view : views_) {
    if (view->name() == name) return tabs_->setCurrentWidget(view);
    names << view->name();
  }
  throw InputError("there is no tab '" + to_utf8(name) + "'; the tabs are " + to_utf8(names.join(", ")));
}

void MainWindow::open_job(const QString& path) {
  if (attempt([&] { state_.open(path); })) add_recent_file(path);
}

void MainWindow::save_job(const QString& path) {
  if (attempt([&] { state_.save(path); })) add_recent_file(path);
}

void MainWindow::open_model(const QString& path) {
  attempt([&] { state_.set_model(path); });
}

void MainWindow::open_device(const QString& path) {
  attempt([&] { state_.set_device(path); });
}

void MainWindow::set_budget(const QString& text) {
  attempt([&] { state_.set_budget(parse_bytes(to_utf8(text.trimmed()), "the budget")); });
}

void MainWindow::export_picture(const QString& path) {
  attempt([&] { current_view()->plot().export_picture(path); });
}

void MainWindow::export_data(const QString& path) {
  attempt([&] { write_file_atomically(to_utf8(path), to_utf8(current_view()->data().text())); });
}

void MainWindow::copy_command() {
  attempt([&] {
    const QString command = command_line(state_);
    QGuiApplication::clipboard()->setText(command);
    messages_->tell(tr("Copied: %1").arg(command), MessageBar::Kind::note);
  });
}

void MainWindow::setup_layout() {
  auto* answers = new QWidget;
  auto* column = new QVBoxLayout(answers);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addWidget(messages_);
  column->addWidget(answer_);
  column->addWidget(tabs_, 1);
  column->addWidget(honesty_);
  splitter_->addWidget(panel_);
  splitter_->addWidget(answers);
  splitter_->setStretchFactor(0, 0);
  splitter_->setStretchFactor(1, 1);
  splitter_->setChildrenCollapsible(false);
  setCentralWidget(splitter_);
}

void MainWindow::setup_tabs() {
  tabs_->setDocumentMode(true);
  tabs_->setUsesScrollButtons(true);
  for (View* view : make_views(state_)) {
    views_.push_back(view);
    tabs_->addTab(view, view->title());
    connect(view, &View::told, this,
            [this](const QString& sentence) { messages_->tell(sentence, MessageBar::Kind::error); });
  }
}

void MainWindow::connect_panel() {
  connect(&state_, &JobState::changed, this, &MainWindow::show_job);
  connect(&state_, &JobState::noted, this,
          [this](const QString& note) { messages_->tell(capitalised(note), MessageBar::Kind::note); });
  connect(panel_, &JobPanel::refused, this,
          [this](const QString& sentence) { messages_->tell(capitalised(sentence), MessageBar::Kind::error); });
  connect(panel_, &JobPanel::accepted, messages_, &MessageBar::clear);
  connect(panel_, &JobPanel::model_file_wanted, this, &MainWindow::ask_open_model);
  connect(panel_, &JobPanel::device_file_wanted, this, &MainWindow::ask_open_device);
}

void MainWindow::show_job() {
  const Prediction prediction = predict(state_.job());
  panel_->show_prediction(prediction);
  answer_->show_answer(prediction);
  honesty_->show_honesty(prediction);
  undo_->setEnabled(state_.can_undo());
  redo_->setEnabled(state_.can_redo());
  undo_->setText(state_.can_undo() ? tr("&Undo: %1").arg(state_.undo_text()) : tr("&Undo"));
  redo_->setText(state_.can_redo() ? tr("&Redo: %1").arg(state_.redo_text()) : tr("&Redo"));
  show_title();
}

void MainWindow::show_title() {
  const QString name = state_.path().isEmpty() ? tr("unsaved job") : QFileInfo(state_.path()).fileName();
  setWindowTitle(QStringLiteral("%1[*] – headroom").arg(name));
  setWindowModified(state_.is_modified());
}

void MainWindow::closeEvent(QCloseEvent* event) {
  save_settings();
  if (may_discard()) {
    event->accept();
  } else {
    event->ignore();
  }
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  const QList<QUrl> urls = event->mimeData()->urls();
  if (urls.size() == 1 && urls.front().isLocalFile()) event->acceptProposedAction();
}

/// A job, or else a model.
void MainWindow::dropEvent(QDropEvent* event) {
  const QString path = event->mimeData()->urls().front().toLocalFile();
  if (is_job_file(path)) {
    if (may_discard()) open_job(path);
  } else {
    open_model(path);
  }
}

bool MainWindow::attempt(const std::function<void()>& action) {
  try {
    messages_->clear();
    action();
    return true;
  } catch (const InputError& error) {
    messages_->tell(capitalised(to_qt(error.what())), MessageBar::Kind::error);
    return false;
  }
}

}  // namespace headroom::gui
