#include "views/tick_list.h"

#include "model/text.h"

namespace headroom::gui {

QListWidget* make_tick_list(const std::vector<std::string_view>& names, const QStringList& ticked,
                            const QString& title) {
  constexpr int kWidth = 170;
  auto* list = new QListWidget;
  list->setAccessibleName(title);
  list->setFixedWidth(kWidth);
  for (const std::string_view name : names) {
    auto* item = new QListWidgetItem(to_qt(name), list);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
    item->setCheckState(ticked.contains(item->text()) ? Qt::Checked : Qt::Unchecked);
  }
  return list;
}

std::vector<std::string> ticked_in(const QListWidget* list) {
  std::vector<std::string> names;
  for (int i = 0; i < list->count(); ++i) {
    if (list->item(i)->checkState() == Qt::Checked) names.push_back(to_utf8(list->item(i)->text()));
  }
  return names;
}

}  // namespace headroom::gui
