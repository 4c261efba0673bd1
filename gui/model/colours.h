#pragma once

#include <QColor>

#include <cstddef>

#include <headroom/models/memory.h>

/// Colours that people with any colour vision tell apart: Okabe and Ito's palette, greys for what a device spends
/// outside tensors. They hold on light and on dark ground alike.
namespace headroom::gui {

[[nodiscard]] QColor category_colour(Category category);
/// Of the n-th series; they repeat, with another dash, behind the last.
[[nodiscard]] QColor series_colour(std::size_t n);
/// Of the n-th of bars side by side; behind the last they repeat darker.
[[nodiscard]] QColor bar_colour(std::size_t n);
[[nodiscard]] Qt::PenStyle series_dash(std::size_t n);
/// The colour as what matters less has it, over any ground.
[[nodiscard]] QColor faint(QColor colour);
/// For signs in the place of what there is not.
[[nodiscard]] QColor sign_colour();
/// For limits and what does not fit.
[[nodiscard]] QColor limit_colour();

}  // namespace headroom::gui
