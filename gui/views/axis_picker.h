#pragma once

#include <QLineEdit>
#include <QListWidget>
#include <QStringList>
#include <QWidget>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/variation.h>

#include "views/combo_box.h"

class QVBoxLayout;

namespace headroom::gui {

/// Chooses one thing of a job that varies, and its values: names to tick, or a list to type. Values of what is not
/// chosen any more are kept until it is chosen again.
class AxisPicker : public QWidget {
  Q_OBJECT

 public:
  enum class Need : std::uint8_t { required, optional };

  /// `name` is the widget's: "sweep-groups".
  AxisPicker(const QString& name, const QString& label, Need need);

  /// Chooses what is called `axis`, one of change_names().
  void choose(std::string_view axis);
  /// The same with values as the command line takes them. Throws InputError: a name or a list that is none.
  void choose(std::string_view axis, std::string_view values);
  /// Ticks these values of `axis` unless the user ticked others.
  void suggest(std::string_view axis, const QStringList& ticked);

  /// What varies; none: nothing. Throws InputError.
  [[nodiscard]] std::optional<Variation> variation() const;
  /// Whether there are names to tick, which take all the room there is.
  [[nodiscard]] bool has_list() const;

 Q_SIGNALS:
  void changed();

 private:
  /// Where the values of one axis are chosen.
  struct Page {
    QListWidget* list = nullptr;
    QLineEdit* line = nullptr;  ///< where there is no list
    QStringList suggested;      ///< ticks that nobody changed

    [[nodiscard]] QWidget* widget() const;
  };

  [[nodiscard]] const std::string& chosen() const { return axes_[static_cast<std::size_t>(box_->currentIndex())]; }
  [[nodiscard]] const Page* current() const;
  Page& page_of(const std::string& axis);
  [[nodiscard]] Page make_page(const std::string& axis);
  void show_page();

  QString label_;
  std::vector<std::string> axes_;  ///< in the order of the box; empty: nothing
  ComboBox* box_;
  QVBoxLayout* layout_;
  std::map<std::string, Page> pages_;  ///< those that were chosen so far
};

}  // namespace headroom::gui
