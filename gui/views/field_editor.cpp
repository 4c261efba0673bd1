#include "views/field_editor.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QSpinBox>

#include <headroom/models/error.h>

#include "model/prediction.h"
#include "model/text.h"
#include "views/combo_box.h"

namespace headroom::gui {
namespace {

constexpr int kEveryWidth = 64;

/// Why the job would be refused with the field at `value`; empty: it would not.
QString refusal_with(const JobField& field, Job job, std::string_view value) {
  try {
    field.set(job, value, field.title);
  } catch (const InputError& error) {
    return to_qt(error.what());
  }
  return refusal(job);
}

void add_values(ComboBox* box, const JobField& field) {
  for (const FieldValue& value : field.values) box->add(to_qt(value.name), to_qt(value.description));
}

void mark_refused_values(ComboBox* box, const JobField& field, const Job& job) {
  for (std::size_t i = 0; i < field.values.size(); ++i) {
    box->mark_refused(static_cast<int>(i), refusal_with(field, job, field.values[i].name));
  }
}

QHBoxLayout* row_in(QWidget* widget) {
  auto* layout = new QHBoxLayout(widget);
  layout->setContentsMargins(0, 0, 0, 0);
  return layout;
}

class ChoiceEditor : public FieldEditor {
 public:
  explicit ChoiceEditor(const JobField& field) : FieldEditor(field), box_(new ComboBox) {
    add_values(box_, field);
    row_in(this)->addWidget(box_);
    setFocusProxy(box_);
    connect(box_, &QComboBox::textActivated, this, &FieldEditor::edited);
  }

  void show_job(const Job& job) override {
    box_->setCurrentText(to_qt(field().show(job)));
    mark_refused_values(box_, field(), job);
  }

 private:
  ComboBox* box_;
};

/// Names, and beside "every" a number of layers.
class RecomputeEditor : public FieldEditor {
 public:
  explicit RecomputeEditor(const JobField& field) : FieldEditor(field), box_(new ComboBox), every_(new QSpinBox) {
    add_values(box_, field);
    every_->setRange(1, 1'000'000);
    every_->setAccessibleName(tr("Layers between checkpoints"));
    every_->setToolTip(every_->accessibleName());
    every_->setFixedWidth(kEveryWidth);
    every_->setKeyboardTracking(false);
    auto* layout = row_in(this);
    layout->addWidget(box_, 1);
    layout->addWidget(every_);
    setFocusProxy(box_);
    connect(box_, &QComboBox::textActivated, this, [this] { Q_EMIT edited(text()); });
    connect(every_, &QSpinBox::valueChanged, this, [this] { Q_EMIT edited(text()); });
  }

  void show_job(const Job& job) override {
    const QSignalBlocker quiet(every_);
    box_->setCurrentText(to_qt(name_of(job.recompute.kind)));
    every_->setVisible(job.recompute.kind == RecomputeKind::every);
    if (job.recompute.kind == RecomputeKind::every) every_->setValue(static_cast<int>(job.recompute.every));
  }

 private:
  [[nodiscard]] QString text() const {
    if (box_->currentText() != to_qt(name_of(RecomputeKind::every))) return box_->currentText();
    const int layers = every_->isVisible() ? every_->value() : 2;
    return QStringLiteral("%1:%2").arg(box_->currentText()).arg(layers);
  }

  ComboBox* box_;
  QSpinBox* every_;
};

/// A number that may also be the name of a rule.
class ChunkEditor : public FieldEditor {
 public:
  explicit ChunkEditor(const JobField& field) : FieldEditor(field), box_(new ComboBox) {
    box_->setEditable(true);
    box_->setInsertPolicy(QComboBox::NoInsert);
    add_values(box_, field);
    row_in(this)->addWidget(box_);
    setFocusProxy(box_);
    connect(box_, &QComboBox::textActivated, this, &FieldEditor::edited);
    connect(box_->lineEdit(), &QLineEdit::editingFinished, this, [this] { Q_EMIT edited(box_->currentText()); });
  }

  void show_job(const Job& job) override { box_->setEditText(to_qt(field().show(job))); }

 private:
  ComboBox* box_;
};

class LineEditor : public FieldEditor {
 public:
  explicit LineEditor(const JobField& field) : FieldEditor(field), line_(new QLineEdit) {
    row_in(this)->addWidget(line_);
    setFocusProxy(line_);
    connect(line_, &QLineEdit::editingFinished, this, [this] { Q_EMIT edited(line_->text()); });
  }

  void show_job(const Job& job) override { line_->setText(to_qt(field().show(job))); }

 private:
  QLineEdit* line_;
};

class ToggleEditor : public FieldEditor {
 public:
  explicit ToggleEditor(const JobField& field) : FieldEditor(field), box_(new QCheckBox(to_qt(field.title))) {
    row_in(this)->addWidget(box_);
    setFocusProxy(box_);
    connect(box_, &QCheckBox::clicked, this,
            [this](bool is_on) { Q_EMIT edited(is_on ? QStringLiteral("true") : QStringLiteral("false")); });
  }

  void show_job(const Job& job) override { box_->setChecked(field().show(job) == "true"); }

 private:
  QCheckBox* box_;
};

}  // namespace

FieldEditor::FieldEditor(const JobField& field, QWidget* parent) : QWidget(parent), field_(field) {
  setObjectName(to_qt(field.name));
  setToolTip(capitalised(to_qt(field.description)));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

FieldEditor* make_field_editor(const JobField& field) {
  switch (field.kind) {
    case FieldKind::choice: return new ChoiceEditor(field);
    case FieldKind::recompute: return new RecomputeEditor(field);
    case FieldKind::chunk: return new ChunkEditor(field);
    case FieldKind::count:
    case FieldKind::bytes: return new LineEditor(field);
    case FieldKind::toggle: return new ToggleEditor(field);
  }
  return nullptr;
}

}  // namespace headroom::gui
