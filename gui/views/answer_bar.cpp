#include "views/answer_bar.h"

#include <QHBoxLayout>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

#include "model/answer.h"
#include "views/layouts.h"

namespace headroom::gui {
namespace {

constexpr double kLargeFont = 1.15;

/// White on these is readable, and each says its word too.
QString badge_style(Answer::Verdict verdict) {
  const char* colour = verdict == Answer::Verdict::fits ? "#0b6e4f" : "#b3261e";
  return QStringLiteral("QLabel { background: %1; color: white; border-radius: 4px; padding: 2px 8px; }")
      .arg(QLatin1String(colour));
}

void set_or_hide(QLabel* label, const QString& text) {
  label->setText(text);
  label->setVisible(!text.isEmpty());
}

QLabel* make_plain() {
  QLabel* label = make_heading();
  QFont font = label->font();
  font.setBold(false);
  label->setFont(font);
  return label;
}

}  // namespace

AnswerBar::AnswerBar(QWidget* parent)
    : QWidget(parent),
      verdict_(new QLabel),
      headline_(make_heading()),
      settings_(make_note()),
      memory_(make_plain()),
      longest_(make_plain()),
      remarks_(make_note()) {
  QFont font = headline_->font();
  font.setPointSizeF(font.pointSizeF() * kLargeFont);
  headline_->setFont(font);
  verdict_->setFont(make_heading()->font());
  auto* first = new QHBoxLayout;
  first->addWidget(headline_, 1);
  first->addWidget(verdict_, 0, Qt::AlignTop);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 6, 8, 2);
  layout->setSpacing(2);
  layout->addLayout(first);
  for (QLabel* label : {settings_, memory_, longest_, remarks_}) layout->addWidget(label);
}

void AnswerBar::show_answer(const Prediction& prediction) {
  const Answer answer = answer_for(prediction);
  headline_->setText(answer.headline);
  verdict_->setText(answer.verdict_text);
  verdict_->setStyleSheet(badge_style(answer.verdict));
  settings_->setText(answer.settings);
  memory_->setText(answer.memory);
  set_or_hide(longest_, answer.longest);
  set_or_hide(remarks_, answer.remarks.join(QLatin1Char('\n')));
}

HonestyBar::HonestyBar(QWidget* parent)
    : QWidget(parent), rests_on_(make_note()), status_(make_note()), runtime_(make_note()) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 0, 8, 6);
  layout->setSpacing(1);
  for (QLabel* label : {rests_on_, status_, runtime_}) layout->addWidget(label);
}

void HonestyBar::show_honesty(const Prediction& prediction) {
  const Honesty honesty = honesty_for(prediction);
  rests_on_->setText(tr("Rests on: %1").arg(honesty.assumptions));
  rests_on_->setToolTip(honesty.origins);
  status_->setText(tr("Status: %1").arg(honesty.status));
  runtime_->setText(honesty.runtime);
}

MessageBar::MessageBar(QWidget* parent) : QWidget(parent), text_(make_heading()) {
  setAttribute(Qt::WA_StyledBackground);
  auto* close = new QToolButton;
  close->setAutoRaise(true);
  close->setIcon(style()->standardIcon(QStyle::SP_DialogCloseButton));
  close->setToolTip(tr("Close this message"));
  close->setAccessibleName(close->toolTip());
  connect(close, &QToolButton::clicked, this, &MessageBar::clear);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(8, 4, 4, 4);
  layout->addWidget(text_, 1);
  layout->addWidget(close, 0, Qt::AlignTop);
  clear();
}

void MessageBar::tell(const QString& sentence, Kind kind) {
  text_->setText(sentence);
  const char* colour = kind == Kind::error ? "#b3261e" : "#2f7fc1";
  setStyleSheet(QStringLiteral("headroom--gui--MessageBar { border-left: 4px solid %1; }").arg(QLatin1String(colour)));
  show();
}

void MessageBar::clear() {
  text_->clear();
  hide();
}

}  // namespace headroom::gui
