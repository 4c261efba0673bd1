#pragma once

#include <QProgressBar>

#include "model/background.h"
#include "model/timeline.h"
#include "views/view.h"

namespace headroom::gui {

/// One training step, or inference, instant by instant.
class TimelineView : public View {
  Q_OBJECT

 public:
  explicit TimelineView(JobState& state, QWidget* parent = nullptr);

  [[nodiscard]] Plot& plot() override { return *plot_; }
  [[nodiscard]] CsvTable data() const override { return timeline_csv(timeline_); }
  [[nodiscard]] bool is_busy() const override { return work_.is_busy(); }
  [[nodiscard]] const Timeline& timeline() const { return timeline_; }

 protected:
  void refresh() override;

 private:
  void show_timeline(Timeline timeline);

  Timeline timeline_;
  Plot* plot_;
  QProgressBar* progress_;
  Background<Timeline> work_;
};

}  // namespace headroom::gui
