#pragma once

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSlider>
#include <QTimer>
#include <QWidget>

#include "model/prediction.h"

namespace headroom::gui {

/// The sequence length: a logarithmic slider over the grid of multiples of 256, a typed entry, and the way to the wall.
class LengthEditor : public QWidget {
  Q_OBJECT

 public:
  explicit LengthEditor(QWidget* parent = nullptr);

  void show_prediction(const Prediction& prediction);
  [[nodiscard]] QSlider& slider() { return *slider_; }
  [[nodiscard]] QLineEdit& entry() { return *entry_; }

 Q_SIGNALS:
  void length_chosen(headroom::Tokens seq);
  /// What was typed, to be read as the command line reads it.
  void length_typed(const QString& text);
  void released();

 private:
  void setup_slider();

  QSlider* slider_;
  QLineEdit* entry_;
  QPushButton* to_longest_;
  QTimer keys_rest_;  ///< steps by keyboard belong together until they pause
  Tokens longest_;
};

}  // namespace headroom::gui
