#include "views/view.h"

#include <utility>

namespace headroom::gui {

View::View(JobState& state, QString name, QString title, QWidget* parent)
    : QWidget(parent), state_(state), name_(std::move(name)), title_(std::move(title)) {
  connect(&state, &JobState::changed, this, [this] {
    is_stale_ = true;
    refresh_if_seen();
  });
}

void View::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  refresh_if_seen();
}

void View::refresh_if_seen() {
  if (!is_stale_ || !isVisible()) return;
  is_stale_ = false;
  refresh();
}

}  // namespace headroom::gui
