#pragma once

#include <QLabel>
#include <QWidget>

#include "model/prediction.h"

namespace headroom::gui {

/// Above the tabs: does the job fit, what binds, how far would it get.
class AnswerBar : public QWidget {
  Q_OBJECT

 public:
  explicit AnswerBar(QWidget* parent = nullptr);
  void show_answer(const Prediction& prediction);

 private:
  QLabel* verdict_;
  QLabel* headline_;
  QLabel* settings_;
  QLabel* memory_;
  QLabel* longest_;
  QLabel* remarks_;
};

/// Below the tabs: what the answer rests on and whether it was measured.
class HonestyBar : public QWidget {
  Q_OBJECT

 public:
  explicit HonestyBar(QWidget* parent = nullptr);
  void show_honesty(const Prediction& prediction);

 private:
  QLabel* rests_on_;
  QLabel* status_;
  QLabel* runtime_;
};

/// A sentence that stays until it is closed or replaced: what could not be read, what a file said.
class MessageBar : public QWidget {
  Q_OBJECT

 public:
  enum class Kind { note, error };

  explicit MessageBar(QWidget* parent = nullptr);
  void tell(const QString& sentence, Kind kind);
  void clear();
  [[nodiscard]] QString text() const { return text_->text(); }

 private:
  QLabel* text_;
};

}  // namespace headroom::gui
