#include "views/layouts.h"

#include <QSplitter>
#include <QVBoxLayout>

namespace headroom::gui {
namespace {

constexpr int kGap = 6;
constexpr int kProgressSteps = 1000;
constexpr double kSmallFont = 0.9;

QLabel* make_label(const QString& text) {
  auto* label = new QLabel(text);
  label->setWordWrap(true);
  label->setTextFormat(Qt::PlainText);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  return label;
}

}  // namespace

QLabel* make_heading(const QString& text) {
  QLabel* label = make_label(text);
  QFont font = label->font();
  font.setBold(true);
  label->setFont(font);
  return label;
}

QLabel* make_note(const QString& text) {
  QLabel* label = make_label(text);
  QFont font = label->font();
  font.setPointSizeF(font.pointSizeF() * kSmallFont);
  label->setFont(font);
  label->setForegroundRole(QPalette::PlaceholderText);
  return label;
}

QWidget* with_heading(QWidget* heading, QWidget* body) {
  auto* whole = new QWidget;
  auto* layout = new QVBoxLayout(whole);
  layout->setContentsMargins(0, kGap, 0, 0);
  layout->setSpacing(kGap);
  layout->addWidget(heading);
  layout->addWidget(body, 1);
  return whole;
}

void stack_vertically(QWidget* owner, QWidget* above, QWidget* below, int share_above, int share_below) {
  auto* splitter = new QSplitter(Qt::Vertical);
  splitter->addWidget(above);
  splitter->addWidget(below);
  splitter->setStretchFactor(0, share_above);
  splitter->setStretchFactor(1, share_below);
  splitter->setChildrenCollapsible(false);
  auto* layout = new QVBoxLayout(owner);
  layout->setContentsMargins(kGap, kGap, kGap, kGap);
  layout->addWidget(splitter);
}

QProgressBar* make_progress_bar(const QString& what) {
  auto* bar = new QProgressBar;
  bar->setRange(0, kProgressSteps);
  bar->setFormat(what + QStringLiteral(" %p%"));
  bar->setAccessibleName(what);
  bar->hide();
  return bar;
}

void show_progress(QProgressBar* bar, double share) {
  bar->setValue(static_cast<int>(share * kProgressSteps));
  bar->show();
}

}  // namespace headroom::gui
