#pragma once

#include <QString>

namespace headroom::gui {

enum class Theme { system, light, dark };

/// "system", "light", "dark". Throws InputError.
[[nodiscard]] Theme theme_of(const QString& name);
[[nodiscard]] QString theme_name(Theme theme);

/// Style and palette of the whole application.
void apply_theme(Theme theme);

}  // namespace headroom::gui
