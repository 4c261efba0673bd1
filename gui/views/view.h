#pragma once

#include <QWidget>

#include "model/csv.h"
#include "model/job_state.h"
#include "plot/plot.h"

namespace headroom::gui {

/// One tab: a picture of the job and its data. It is brought up to date only while it is seen.
class View : public QWidget {
  Q_OBJECT

 public:
  /// `name` is what --tab takes, `title` what the tab shows.
  View(JobState& state, QString name, QString title, QWidget* parent);

  [[nodiscard]] const QString& name() const { return name_; }
  [[nodiscard]] const QString& title() const { return title_; }
  [[nodiscard]] virtual Plot& plot() = 0;
  [[nodiscard]] virtual CsvTable data() const = 0;
  /// Whether something is still being computed.
  [[nodiscard]] virtual bool is_busy() const { return false; }

 Q_SIGNALS:
  /// A sentence that the user should see.
  void told(const QString& sentence);

 protected:
  [[nodiscard]] JobState& state() const { return state_; }
  /// Brings everything up to date with the job.
  virtual void refresh() = 0;
  void showEvent(QShowEvent* event) override;

 private:
  void refresh_if_seen();

  JobState& state_;
  QString name_;
  QString title_;
  bool is_stale_ = true;
};

}  // namespace headroom::gui
