#include "views/combo_box.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QPainter>
#include <QScreen>
#include <QStyledItemDelegate>
#include <QWheelEvent>

#include <algorithm>

namespace headroom::gui {
namespace {

constexpr int kDescriptionRole = Qt::UserRole + 2;
constexpr int kRefusedRole = Qt::UserRole + 3;
constexpr int kGap = 14;
constexpr int kPadding = 8;

/// The name, and the description in a quieter colour behind it.
class DescribedItem : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const QSize size = QStyledItemDelegate::sizeHint(option, index);
    return {description_left(option, index) + option.fontMetrics.horizontalAdvance(text_of(index)) + kPadding,
            size.height() + 4};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QStyledItemDelegate::paint(painter, option, index);
    const bool is_selected = option.state.testFlag(QStyle::State_Selected);
    painter->save();
    painter->setPen(option.palette.color(is_selected ? QPalette::HighlightedText : QPalette::PlaceholderText));
    const QRect room = option.rect.adjusted(description_left(option, index), 0, -kPadding, 0);
    painter->drawText(room, Qt::AlignVCenter | Qt::AlignLeft, text_of(index));
    painter->restore();
  }

 private:
  static QString text_of(const QModelIndex& index) {
    const QString reason = index.data(kRefusedRole).toString();
    return reason.isEmpty() ? index.data(kDescriptionRole).toString() : QObject::tr("refused: %1").arg(reason);
  }

  /// All descriptions of a list begin at the same place.
  static int description_left(const QStyleOptionViewItem& option, const QModelIndex& index) {
    int widest = 0;
    const QAbstractItemModel* model = index.model();
    for (int i = 0; i < model->rowCount(); ++i) {
      widest = std::max(widest, option.fontMetrics.horizontalAdvance(model->index(i, 0).data().toString()));
    }
    return widest + kGap + kPadding;
  }
};

}  // namespace

ComboBox::ComboBox(QWidget* parent) : QComboBox(parent) {
  setItemDelegate(new DescribedItem(this));
  setFocusPolicy(Qt::StrongFocus);
  setSizeAdjustPolicy(AdjustToMinimumContentsLengthWithIcon);
  setMinimumContentsLength(5);
  setMaxVisibleItems(24);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ComboBox::add(const QString& name, const QString& description) {
  addItem(name);
  setItemData(count() - 1, description, kDescriptionRole);
  setItemData(count() - 1, description, Qt::ToolTipRole);
}

void ComboBox::mark_refused(int index, const QString& reason) {
  const bool is_refused = !reason.isEmpty();
  setItemData(index, reason, kRefusedRole);
  setItemData(index, is_refused ? QVariant(palette().brush(QPalette::Disabled, QPalette::Text)) : QVariant(),
              Qt::ForegroundRole);
  setItemData(index, is_refused ? reason : itemData(index, kDescriptionRole).toString(), Qt::ToolTipRole);
}

void ComboBox::wheelEvent(QWheelEvent* event) {
  if (hasFocus()) {
    QComboBox::wheelEvent(event);
  } else {
    event->ignore();
  }
}

void ComboBox::showPopup() {
  const int widest = view()->sizeHintForColumn(0) + 2 * kPadding;
  view()->setMinimumWidth(std::clamp(widest, width(), screen()->availableGeometry().width() / 2));
  QComboBox::showPopup();
}

}  // namespace headroom::gui
