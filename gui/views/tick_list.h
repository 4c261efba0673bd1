#pragma once

#include <QListWidget>

#include <string>
#include <string_view>
#include <vector>

namespace headroom::gui {

/// A list of names to tick.
[[nodiscard]] QListWidget* make_tick_list(const std::vector<std::string_view>& names, const QStringList& ticked,
                                          const QString& title);
[[nodiscard]] std::vector<std::string> ticked_in(const QListWidget* list);

}  // namespace headroom::gui
