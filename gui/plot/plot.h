#pragma once

#include <QString>
#include <QWidget>

#include <memory>
#include <optional>

#include "model/scene.h"

namespace headroom::gui {

/// Draws a scene in the colours and the font of its widget: hover, zoom by wheel, pan by drag, selection by mouse and
/// arrow keys, export. The one place that knows the plotting library.
class Plot : public QWidget {
  Q_OBJECT

 public:
  explicit Plot(QWidget* parent = nullptr);
  ~Plot() override;
  Plot(const Plot&) = delete;
  Plot& operator=(const Plot&) = delete;
  Plot(Plot&&) = delete;
  Plot& operator=(Plot&&) = delete;

  /// Keeps the part that is zoomed to as long as the axes are the same.
  void set_scene(Scene scene);
  [[nodiscard]] const Scene& scene() const;

  /// The segment with a frame around it; none: nothing is selected.
  void select(std::optional<Hit> hit);

  /// What is drawn at a point of the widget.
  [[nodiscard]] Hit hit_at(const QPointF& position) const;
  /// Where values are drawn.
  [[nodiscard]] QPointF position_of(double x, double y) const;

  void zoom(double factor);
  void reset_zoom();

  /// Writes the picture as it is seen, as PNG, SVG or PDF by the path's ending. Throws InputError that names the path.
  void export_picture(const QString& path) const;

 Q_SIGNALS:
  /// A bar or an area was chosen by mouse or keyboard.
  void picked(const headroom::gui::Hit& hit);

 protected:
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  [[nodiscard]] QSize sizeHint() const override { return {640, 400}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {220, 160}; }

 private:
  void connect_mouse();
  void restyle();
  void show_readout(const QPointF& position);
  bool move_selection(int key);
  bool pan(int key);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::gui
