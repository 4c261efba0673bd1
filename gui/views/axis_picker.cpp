#include "views/axis_picker.h"

#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

#include <headroom/models/error.h>
#include <headroom/models/job_change.h>
#include <headroom/models/job_field.h>
#include <headroom/models/presets.h>
#include <headroom/models/split.h>

#include "model/sweep.h"
#include "model/text.h"
#include "views/layouts.h"
#include "views/tick_list.h"

namespace headroom::gui {
namespace {

constexpr int kLeastListHeight = 56;

const JobField* field_called(std::string_view axis) {
  const auto fields = job_fields();
  const auto found =
      std::find_if(fields.begin(), fields.end(), [axis](const auto& field) { return field.name == axis; });
  return found == fields.end() ? nullptr : &*found;
}

/// The names to choose values from; none: values are typed.
std::vector<std::string_view> values_to_tick(const std::string& axis) {
  if (axis == "model") return model_names();
  if (axis == "hardware") return device_names();
  if (axis == "method") return method_names();
  const JobField* field = field_called(axis);
  if (field != nullptr && field->kind == FieldKind::toggle) return {"false", "true"};
  std::vector<std::string_view> names;
  if (field == nullptr || field->kind != FieldKind::choice) return names;
  for (const FieldValue& value : field->values) names.push_back(value.name);
  return names;
}

/// Models of one family in several sizes; of the others every value, unless something else is suggested.
QStringList first_ticked(const std::string& axis) {
  if (axis == "model") return {"bpt-gpt-1b", "bpt-gpt-3b", "bpt-gpt-7b", "bpt-gpt-13b", "llama-3-8b"};
  QStringList names;
  for (const std::string_view name : values_to_tick(axis)) names << to_qt(name);
  return names;
}

/// Values to begin with where they are typed.
QString first_typed(const std::string& axis) {
  const JobField* field = field_called(axis);
  if (field == nullptr) return QStringLiteral("8K:128K:*2");
  switch (field->kind) {
    case FieldKind::chunk: return QStringLiteral("512:8K:*4");
    case FieldKind::bytes: return QStringLiteral("none,512GiB,1TiB");
    case FieldKind::recompute: return QStringLiteral("none,selective,full,every:2");
    case FieldKind::count:
    case FieldKind::choice:
    case FieldKind::toggle: break;
  }
  return QStringLiteral("1,2,4,8");
}

QString description_of_axis(std::string_view axis) {
  const JobField* field = field_called(axis);
  return field == nullptr ? QString() : to_qt(field->description);
}

void tick(QListWidget* list, const QStringList& names) {
  const QSignalBlocker quiet(list);
  for (int i = 0; i < list->count(); ++i) {
    list->item(i)->setCheckState(names.contains(list->item(i)->text()) ? Qt::Checked : Qt::Unchecked);
  }
}

QStringList ticks_of(const QListWidget* list) {
  QStringList names;
  for (const std::string& name : ticked_in(list)) names << to_qt(name);
  return names;
}

/// The values typed, each of which must be one of the list's.
QStringList values_in(std::string_view axis, std::string_view values) {
  const std::vector<std::string_view> accepted = values_to_tick(std::string(axis));
  QStringList names;
  for (const std::string& value : split(std::string(values), ',')) {
    if (std::find(accepted.begin(), accepted.end(), value) == accepted.end()) {
      throw_unknown_name(to_utf8(axis_title(axis)), value, accepted);
    }
    names << to_qt(value);
  }
  return names;
}

}  // namespace

QWidget* AxisPicker::Page::widget() const {
  if (list != nullptr) return list;
  return line;
}

AxisPicker::AxisPicker(const QString& name, const QString& label, Need need)
    : label_(label), box_(new ComboBox), layout_(new QVBoxLayout(this)) {
  setObjectName(name);
  box_->setObjectName(name + QStringLiteral("-axis"));
  box_->setAccessibleName(label);
  if (need == Need::optional) {
    axes_.emplace_back();
    box_->add(tr("nothing"), {});
  }
  for (const std::string_view axis : change_names()) {
    axes_.emplace_back(axis);
    box_->add(axis_title(axis), description_of_axis(axis));
  }
  layout_->setContentsMargins(0, 0, 0, 0);
  layout_->addWidget(make_heading(label));
  layout_->addWidget(box_);
  show_page();
  connect(box_, &QComboBox::currentIndexChanged, this, [this] {
    show_page();
    Q_EMIT changed();
  });
}

void AxisPicker::choose(std::string_view axis) {
  const auto found = std::find(axes_.begin(), axes_.end(), axis);
  box_->setCurrentIndex(static_cast<int>(found - axes_.begin()));
}

void AxisPicker::choose(std::string_view axis, std::string_view values) {
  (void)read_variation(std::string(axis), values, to_utf8(axis_title(axis)));
  const Page& page = page_of(std::string(axis));
  if (page.list != nullptr) {
    tick(page.list, values_in(axis, values));
  } else {
    page.line->setText(to_qt(values));
  }
  choose(axis);
  Q_EMIT changed();
}

void AxisPicker::suggest(std::string_view axis, const QStringList& ticked) {
  Page& page = page_of(std::string(axis));
  const bool is_own = ticks_of(page.list) != page.suggested;
  if (!is_own) tick(page.list, ticked);
  page.suggested = is_own ? page.suggested : ticks_of(page.list);
}

std::optional<Variation> AxisPicker::variation() const {
  const Page* page = current();
  if (page == nullptr) return std::nullopt;
  const QString title = axis_title(chosen());
  QString values = page->list != nullptr ? ticks_of(page->list).join(QLatin1Char(',')) : page->line->text();
  if (values.remove(QLatin1Char(' ')).isEmpty()) {
    throw InputError(to_utf8(tr("choose at least one value of %1").arg(title)));
  }
  return read_variation(chosen(), to_utf8(values), to_utf8(title));
}

bool AxisPicker::has_list() const { return current() != nullptr && current()->list != nullptr; }

const AxisPicker::Page* AxisPicker::current() const {
  const auto found = pages_.find(chosen());
  return found == pages_.end() ? nullptr : &found->second;
}

AxisPicker::Page& AxisPicker::page_of(const std::string& axis) {
  const auto found = pages_.find(axis);
  return found != pages_.end() ? found->second : pages_.emplace(axis, make_page(axis)).first->second;
}

AxisPicker::Page AxisPicker::make_page(const std::string& axis) {
  const QString title = tr("%1: values of %2").arg(label_, axis_title(axis));
  Page page;
  const std::vector<std::string_view> names = values_to_tick(axis);
  if (names.empty()) {
    page.line = new QLineEdit(first_typed(axis));
    page.line->setAccessibleName(title);
    page.line->setToolTip(
        tr("Values, such as %1, or a range: FIRST:LAST:*FACTOR or FIRST:LAST:+STEP").arg(first_typed(axis)));
    connect(page.line, &QLineEdit::editingFinished, this, [this, line = page.line] {
      if (!line->isModified()) return;
      line->setModified(false);
      Q_EMIT changed();
    });
  } else {
    page.list = make_tick_list(names, first_ticked(axis), title);
    page.list->setMinimumHeight(kLeastListHeight);
    page.suggested = ticks_of(page.list);
    connect(page.list, &QListWidget::itemChanged, this, &AxisPicker::changed);
  }
  page.widget()->setObjectName(objectName() + QLatin1Char('-') + to_qt(axis));
  page.widget()->hide();
  layout_->addWidget(page.widget(), page.list != nullptr ? 1 : 0);
  return page;
}

void AxisPicker::show_page() {
  for (const auto& [axis, page] : pages_) page.widget()->hide();
  if (!chosen().empty()) page_of(chosen()).widget()->show();
  setSizePolicy(QSizePolicy::Preferred, has_list() ? QSizePolicy::Expanding : QSizePolicy::Fixed);
}

}  // namespace headroom::gui
