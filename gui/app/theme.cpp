#include "app/theme.h"

#include <QApplication>
#include <QPainter>
#include <QPalette>
#include <QProxyStyle>
#include <QStyleFactory>
#include <QStyleOption>
#include <QTableView>
#include <QToolTip>

#include <headroom/models/error.h>

#include "model/text.h"

namespace headroom::gui {
namespace {

struct Colours {
  QRgb window, base, alternate, text, quiet, button, border, highlight, link;
};

constexpr Colours kLight{0xfff4f5f7, 0xffffffff, 0xfff6f7f9, 0xff1c1f23, 0xff5a6068,
                         0xffffffff, 0xffc9cdd3, 0xff1f6fb2, 0xff1f6fb2};
constexpr Colours kDark{0xff1f2227, 0xff17191d, 0xff1d2024, 0xffe8eaed, 0xffa3a9b1,
                        0xff2c3037, 0xff454a53, 0xff2f7fc1, 0xff7cb8ea};

QPalette palette_of(const Colours& c) {
  QPalette palette(QColor(c.button), QColor(c.window));
  palette.setColor(QPalette::Window, c.window);
  palette.setColor(QPalette::WindowText, c.text);
  palette.setColor(QPalette::Base, c.base);
  palette.setColor(QPalette::AlternateBase, c.alternate);
  palette.setColor(QPalette::Text, c.text);
  palette.setColor(QPalette::PlaceholderText, c.quiet);
  palette.setColor(QPalette::Button, c.button);
  palette.setColor(QPalette::ButtonText, c.text);
  palette.setColor(QPalette::ToolTipBase, c.base);
  palette.setColor(QPalette::ToolTipText, c.text);
  palette.setColor(QPalette::Highlight, c.highlight);
  palette.setColor(QPalette::HighlightedText, 0xffffffff);
  palette.setColor(QPalette::Link, c.link);
  for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    palette.setColor(QPalette::Disabled, role, c.quiet);
  }
  return palette;
}

constexpr int kCellMargin = 5;

/// Fusion with frames around entries and boxes that can also be seen on dark ground, and tables whose columns do not
/// touch.
class FramedStyle : public QProxyStyle {
 public:
  FramedStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

  int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override {
    // What is in a cell stands one further in.
    if (metric == PM_FocusFrameHMargin && qobject_cast<const QTableView*>(widget) != nullptr) return kCellMargin - 1;
    return QProxyStyle::pixelMetric(metric, option, widget);
  }

  /// Titles stand over what is in the cells.
  void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                   const QWidget* widget) const override {
    const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option);
    const bool is_title = element == CE_HeaderLabel && header != nullptr;
    const int more = is_title ? kCellMargin - pixelMetric(PM_HeaderMargin, option, widget) : 0;
    const bool is_right = is_title && header->textAlignment.testFlag(Qt::AlignRight);
    painter->translate(is_right ? -more : more, 0);
    QProxyStyle::drawControl(element, option, painter, widget);
    painter->translate(is_right ? more : -more, 0);
  }

  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override {
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    const bool is_box = element == PE_IndicatorCheckBox || element == PE_IndicatorItemViewItemCheck;
    if (!is_box && element != PE_FrameLineEdit) return;
    if (option->state.testFlag(State_HasFocus) && !is_box) return;
    QColor frame = option->palette.color(QPalette::Text);
    frame.setAlphaF(0.38F);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(frame);
    painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    painter->restore();
  }
};

/// What the desktop asked for, before any theme of ours was applied.
bool desktop_is_dark() {
  static const bool kIsDark = QApplication::palette().color(QPalette::Window).lightness() < 128;
  return kIsDark;
}

}  // namespace

Theme theme_of(const QString& name) {
  for (const Theme theme : {Theme::system, Theme::light, Theme::dark}) {
    if (theme_name(theme) == name) return theme;
  }
  throw InputError("the theme must be system, light or dark, not '" + to_utf8(name) + "'");
}

QString theme_name(Theme theme) {
  switch (theme) {
    case Theme::light: return QStringLiteral("light");
    case Theme::dark: return QStringLiteral("dark");
    case Theme::system: break;
  }
  return QStringLiteral("system");
}

void apply_theme(Theme theme) {
  const bool is_dark = theme == Theme::dark || (desktop_is_dark() && theme == Theme::system);
  QApplication::setStyle(new FramedStyle);
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): the application owns its style
  const QPalette palette = palette_of(is_dark ? kDark : kLight);
  QApplication::setPalette(palette);
  QToolTip::setPalette(palette);
}

}  // namespace headroom::gui
