#pragma once

#include <QComboBox>

namespace headroom::gui {

/// A list of names that does not change under a passing mouse wheel; its popup shows a description beside each name.
class ComboBox : public QComboBox {
  Q_OBJECT

 public:
  explicit ComboBox(QWidget* parent = nullptr);

  void add(const QString& name, const QString& description);
  /// Marks an item as one that would be refused, and why; an empty reason: it would not.
  void mark_refused(int index, const QString& reason);

 protected:
  void wheelEvent(QWheelEvent* event) override;
  void showPopup() override;
};

}  // namespace headroom::gui
