#pragma once

#include <QLabel>
#include <QProgressBar>
#include <QString>
#include <QWidget>

/// How the tabs are put together.
namespace headroom::gui {

/// A line in bold that wraps and can be copied.
[[nodiscard]] QLabel* make_heading(const QString& text = {});
/// Small text that wraps and can be copied.
[[nodiscard]] QLabel* make_note(const QString& text = {});
/// `heading` above `body`.
[[nodiscard]] QWidget* with_heading(QWidget* heading, QWidget* body);
/// A picture above and a table below it, the border between them movable.
void stack_vertically(QWidget* owner, QWidget* above, QWidget* below, int share_above = 3, int share_below = 2);

/// A bar that is seen only while something takes long.
[[nodiscard]] QProgressBar* make_progress_bar(const QString& what);
void show_progress(QProgressBar* bar, double share);

}  // namespace headroom::gui
