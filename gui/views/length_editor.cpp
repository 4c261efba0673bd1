#include "views/length_editor.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

#include "model/text.h"

namespace headroom::gui {
namespace {

constexpr std::int64_t kGrid = 256;
constexpr int kStepsAnOctave = 64;
constexpr int kPauseMilliseconds = 800;
constexpr int kOctaves = 16;  // 256 to 16M tokens

Tokens tokens_at(int position) {
  const double tokens = static_cast<double>(kGrid) * std::exp2(static_cast<double>(position) / kStepsAnOctave);
  return Tokens(std::max<std::int64_t>(1, std::llround(tokens / static_cast<double>(kGrid))) * kGrid);
}

int position_of(Tokens seq) {
  const double octaves = std::log2(static_cast<double>(std::max<std::int64_t>(seq.count(), 1)) / kGrid);
  return static_cast<int>(std::lround(octaves * kStepsAnOctave));
}

/// What would be typed: "32K" where that is exact.
QString typed(Tokens seq) {
  const std::string tick = format_tokens_tick(seq);
  return tick.find(',') == std::string::npos ? to_qt(tick) : to_qt(format_count(seq.count()));
}

}  // namespace

LengthEditor::LengthEditor(QWidget* parent)
    : QWidget(parent), slider_(new QSlider(Qt::Horizontal)), entry_(new QLineEdit), to_longest_(new QPushButton) {
  setup_slider();
  entry_->setObjectName(QStringLiteral("seq"));
  entry_->setAccessibleName(tr("Sequence length in tokens"));
  entry_->setToolTip(tr("Tokens per sequence, such as 32768, 128K (131,072) or 1M"));
  entry_->setMaximumWidth(entry_->fontMetrics().horizontalAdvance(QStringLiteral("16777216000")));
  auto* first = new QHBoxLayout;
  first->addWidget(slider_, 1);
  first->addWidget(entry_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addLayout(first);
  layout->addWidget(to_longest_);
  connect(entry_, &QLineEdit::editingFinished, this, [this] { Q_EMIT length_typed(entry_->text()); });
  connect(to_longest_, &QPushButton::clicked, this, [this] {
    Q_EMIT length_chosen(longest_);
    Q_EMIT released();
  });
}

void LengthEditor::setup_slider() {
  slider_->setObjectName(QStringLiteral("seq-slider"));
  slider_->setAccessibleName(tr("Sequence length"));
  slider_->setRange(0, kOctaves * kStepsAnOctave);
  slider_->setSingleStep(kStepsAnOctave / 16);
  slider_->setPageStep(kStepsAnOctave);
  slider_->setTickPosition(QSlider::TicksBelow);
  slider_->setTickInterval(2 * kStepsAnOctave);
  keys_rest_.setSingleShot(true);
  keys_rest_.setInterval(kPauseMilliseconds);
  connect(&keys_rest_, &QTimer::timeout, this, &LengthEditor::released);
  connect(slider_, &QSlider::valueChanged, this, [this](int position) {
    Q_EMIT length_chosen(tokens_at(position));
    if (!slider_->isSliderDown()) keys_rest_.start();
  });
  connect(slider_, &QSlider::sliderReleased, this, &LengthEditor::released);
}

void LengthEditor::show_prediction(const Prediction& prediction) {
  const Tokens seq = prediction.job.seq;
  const QSignalBlocker quiet(slider_);
  if (tokens_at(slider_->value()) != seq) slider_->setValue(position_of(seq));
  entry_->setText(typed(seq));
  longest_ = prediction.longest ? prediction.longest->tokens : Tokens(0);
  to_longest_->setEnabled(longest_ > Tokens(0));
  const QString nothing = prediction.refused.empty() ? tr("No length fits") : tr("Refused at every length");
  to_longest_->setText(longest_ > Tokens(0) ? tr("Longest that fits: %1").arg(tokens_text(longest_)) : nothing);
}

}  // namespace headroom::gui
