#pragma once

#include <qcustomplot.h>

#include <optional>

#include "model/scene.h"

namespace headroom::gui {

/// The plotting library's widget, drawing one scene.
class Canvas : public QCustomPlot {
  Q_OBJECT

 public:
  explicit Canvas(QWidget* parent);

  /// Draws `scene`; the view returns to the scene's own axes where `reset` says so.
  void show_scene(Scene scene, bool reset);
  [[nodiscard]] const Scene& scene() const { return scene_; }
  void set_selection(std::optional<Hit> selection);
  [[nodiscard]] const std::optional<Hit>& selection() const { return selection_; }

  void reset_view();
  /// Colours and fonts from the widget's palette.
  void restyle();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  /// Names of the x axis and the legend, fitted into the present width.
  void fit();
  void setup_axes();
  void setup_names();
  void add_bars();
  [[nodiscard]] QVector<double> heights(const std::vector<double>& values) const;
  void add_areas();
  void add_curves();
  void add_points();
  void add_bands();
  void place_legend();
  void fit_legend();
  void fit_ticks();
  void fill_legend();
  void style_axis(QCPAxis* axis);
  void style_bars();
  [[nodiscard]] bool is_thin(const BarSeries& series) const;

  Scene scene_;
  std::optional<Hit> selection_;
  QCPLegend* legend_below_;
  QCPBarsGroup* group_;  ///< bars that stand side by side
};

}  // namespace headroom::gui
