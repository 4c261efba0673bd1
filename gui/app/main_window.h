#pragma once

#include <QMainWindow>
#include <QTabWidget>

#include <functional>
#include <vector>

#include "model/job_state.h"
#include "views/answer_bar.h"
#include "views/job_panel.h"
#include "views/view.h"

class QMenu;
class QSplitter;

namespace headroom::gui {

/// The one window: the job's panel on the left; answer, tabs and honesty on the right.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(QWidget* parent = nullptr);

  [[nodiscard]] JobState& state() { return state_; }
  [[nodiscard]] JobPanel& panel() { return *panel_; }
  [[nodiscard]] View* current_view() const;
  [[nodiscard]] const std::vector<View*>& views() const { return views_; }
  /// The tab of that type.
  template <class T>
  [[nodiscard]] T& view() const {
    for (View* candidate : views_) {
      if (auto* found = qobject_cast<T*>(candidate)) return *found;
    }
    qFatal("no such tab");
  }
  /// Throws InputError that lists the tabs.
  void show_tab(const QString& name);
  /// The sentence that is shown at the moment; empty: none.
  [[nodiscard]] QString message() const { return messages_->text(); }

  /// Tell what went wrong and leave the job as it was.
  void open_job(const QString& path);
  void save_job(const QString& path);
  void open_model(const QString& path);
  void open_device(const QString& path);
  /// In place of a device: a limit as it is typed, "40GiB".
  void set_budget(const QString& text);
  void export_picture(const QString& path);
  void export_data(const QString& path);
  void copy_command();

  void restore_settings();

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void setup_layout();
  void setup_tabs();
  void setup_file_menu();
  void setup_edit_menu();
  void setup_view_menu();
  void setup_help_menu();
  void connect_panel();
  void show_job();
  void show_title();
  void fill_recent();
  void save_settings() const;
  [[nodiscard]] bool may_discard();

  void ask_open_job();
  void ask_save_job();
  void ask_open_model();
  void ask_open_device();
  void ask_budget();
  void ask_export_picture();
  void ask_export_data();
  void about();
  /// Runs `action`; what it throws is told.
  bool attempt(const std::function<void()>& action);

  JobState state_;
  JobPanel* panel_;
  AnswerBar* answer_;
  HonestyBar* honesty_;
  MessageBar* messages_;
  QTabWidget* tabs_;
  QSplitter* splitter_;
  QMenu* recent_ = nullptr;
  QAction* undo_ = nullptr;
  QAction* redo_ = nullptr;
  std::vector<View*> views_;
};

}  // namespace headroom::gui
