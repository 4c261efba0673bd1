#include "views/job_panel.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>

#include "model/text.h"
#include "views/layouts.h"

namespace headroom::gui {
namespace {

constexpr int kPanelWidth = 330;

QString model_description(std::string_view name) {
  const Transformer model = model_preset(name);
  return QObject::tr("%1 parameters, %2 layers")
      .arg(to_qt(format_parameters(parameter_count(model))), to_qt(format_grouped(layer_count(model))));
}

QFormLayout* make_form(QVBoxLayout* column, const QString& title) {
  auto* box = new QGroupBox(title);
  auto* form = new QFormLayout(box);
  form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
  form->setContentsMargins(8, 6, 8, 8);
  form->setVerticalSpacing(6);
  column->addWidget(box);
  return form;
}

QToolButton* make_open_button(const QString& what) {
  auto* button = new QToolButton;
  button->setText(QStringLiteral("…"));
  button->setToolTip(what);
  button->setAccessibleName(what);
  return button;
}

QWidget* beside(QWidget* wide, QWidget* narrow) {
  auto* row = new QWidget;
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  layout->addWidget(wide, 1);
  layout->addWidget(narrow);
  return row;
}

QLabel* make_buddy(const QString& text, QWidget* editor) {
  auto* label = new QLabel(text);
  label->setBuddy(editor);
  return label;
}

/// Shows `text`, adding it behind the presets where it is none of them.
void show_name(ComboBox* box, const QString& text, const QString& description) {
  const int presets = box->property("presets").toInt();
  int index = box->findText(text, Qt::MatchFixedString);
  if (index < 0) {
    while (box->count() > presets) box->removeItem(presets);
    box->add(text, description);
    index = box->count() - 1;
  }
  box->setCurrentIndex(index);
}

}  // namespace

JobPanel::JobPanel(JobState& state, QWidget* parent)
    : QScrollArea(parent),
      state_(state),
      model_(new ComboBox),
      device_(new ComboBox),
      devices_(new QLineEdit),
      arrange_(new QPushButton(tr("A&rrange"))),
      method_(new ComboBox),
      method_summary_(make_note()),
      length_(new LengthEditor) {
  auto* body = new QWidget;
  auto* column = new QVBoxLayout(body);
  column->setContentsMargins(8, 8, 8, 8);
  setup_subject(make_form(column, tr("Job")));
  setup_length(make_form(column, tr("Sequence length, tokens")));
  auto* run = make_form(column, tr("Training, or inference"));
  setup_fields(run, FieldGroup::training);
  setup_fields(run, FieldGroup::inference);
  setup_fields(make_form(column, tr("Method, axis by axis")), FieldGroup::method);
  column->addStretch(1);
  setWidget(body);
  setWidgetResizable(true);
  setFrameShape(NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setMinimumWidth(kPanelWidth);
  connect_choices();
}

QSize JobPanel::sizeHint() const { return {kPanelWidth, QScrollArea::sizeHint().height()}; }

void JobPanel::setup_subject(QFormLayout* form) {
  for (const std::string_view name : model_names()) model_->add(to_qt(name), model_description(name));
  for (const std::string_view name : device_names()) {
    device_->add(to_qt(name), bytes_text(device_preset(name).capacity.bytes));
  }
  for (const std::string_view name : method_names()) method_->add(to_qt(name), to_qt(method_preset(name).summary));
  for (ComboBox* box : {model_, device_, method_}) box->setProperty("presets", box->count());
  model_->setObjectName(QStringLiteral("model"));
  device_->setObjectName(QStringLiteral("hardware"));
  method_->setObjectName(QStringLiteral("method"));
  QToolButton* model_file = make_open_button(tr("Open a model's config.json"));
  QToolButton* device_file = make_open_button(tr("Open a hardware description"));
  connect(model_file, &QToolButton::clicked, this, &JobPanel::model_file_wanted);
  connect(device_file, &QToolButton::clicked, this, &JobPanel::device_file_wanted);
  form->addRow(make_buddy(tr("&Model"), model_), beside(model_, model_file));
  form->addRow(make_buddy(tr("Hard&ware"), device_), beside(device_, device_file));
  setup_devices(form);
  form->addRow(make_buddy(tr("Me&thod"), method_), method_);
  form->addRow(method_summary_);
}

/// How many; the degrees are below, one by one.
void JobPanel::setup_devices(QFormLayout* form) {
  devices_->setObjectName(QStringLiteral("devices"));
  devices_->setToolTip(tr("So many devices, a rank each, arranged as gets furthest with this method"));
  arrange_->setObjectName(QStringLiteral("arrange"));
  arrange_->setToolTip(tr("Arrange these devices again, as gets furthest with this method"));
  form->addRow(make_buddy(tr("De&vices"), devices_), beside(devices_, arrange_));
  const auto arrange = [this] { attempt([this] { state_.set_devices(devices_->text()); }); };
  connect(arrange_, &QPushButton::clicked, this, arrange);
  connect(devices_, &QLineEdit::editingFinished, this, [this, arrange] {
    if (devices_->isModified()) arrange();
  });
}

void JobPanel::setup_length(QFormLayout* form) { form->addRow(length_); }

void JobPanel::setup_fields(QFormLayout* form, FieldGroup group) {
  for (const JobField& field : job_fields()) {
    if (field.group == group) add_field(form, field);
  }
}

void JobPanel::add_field(QFormLayout* form, const JobField& field) {
  FieldEditor* editor = make_field_editor(field);
  QLabel* label = nullptr;
  if (field.kind == FieldKind::toggle) {
    form->addRow(editor);
  } else {
    label = make_buddy(to_qt(field.title), editor);
    label->setToolTip(editor->toolTip());
    editor->focusProxy()->setAccessibleName(to_qt(field.title));
    form->addRow(label, editor);
  }
  rows_.push_back({&field, label, editor, form});
  connect(editor, &FieldEditor::edited, this,
          [this, &field](const QString& text) { attempt([&] { state_.set_field(field, text); }); });
}

void JobPanel::connect_choices() {
  connect(model_, &QComboBox::activated, this, [this](int index) {
    if (index < model_->property("presets").toInt()) attempt([&] { state_.set_model(model_->itemText(index)); });
  });
  connect(device_, &QComboBox::activated, this, [this](int index) {
    if (index < device_->property("presets").toInt()) attempt([&] { state_.set_device(device_->itemText(index)); });
  });
  connect(method_, &QComboBox::activated, this,
          [this](int index) { attempt([&] { state_.set_method(method_->itemText(index)); }); });
  connect(length_, &LengthEditor::length_chosen, this, [this](Tokens seq) { attempt([&] { state_.set_seq(seq); }); });
  connect(length_, &LengthEditor::length_typed, this, [this](const QString& text) {
    attempt([&] { state_.set_seq(parse_tokens(to_utf8(text.trimmed()), "the sequence length")); });
    state_.end_gesture();
  });
  connect(length_, &LengthEditor::released, this, [this] { state_.end_gesture(); });
}

void JobPanel::show_prediction(const Prediction& prediction) {
  show_subject();
  length_->show_prediction(prediction);
  for (const FieldRow& row : rows_) {
    row.form->setRowVisible(row.editor, row.field->applies(prediction.job));
    row.editor->show_job(prediction.job);
  }
}

void JobPanel::show_subject() {
  const Job& job = state_.job();
  show_name(model_, name_text(job.model.name),
            to_qt(format_parameters(parameter_count(job.model))) + tr(" parameters"));
  const bool has_budget = is_budget(job.device);
  show_name(device_,
            has_budget ? tr("budget %1").arg(bytes_text(job.device.capacity.bytes)) : name_text(job.device.name),
            bytes_text(job.device.capacity.bytes));
  devices_->setText(to_qt(format_count(rank_count(job.degrees))));
  method_->setCurrentText(to_qt(job.method.name));
  method_summary_->setText(to_qt(method_preset(job.method.name.empty() ? "vanilla" : job.method.name).summary));
}

void JobPanel::attempt(const std::function<void()>& change) {
  try {
    change();
    Q_EMIT accepted();
  } catch (const InputError& error) {
    Q_EMIT refused(to_qt(error.what()));
    show_prediction(predict(state_.job()));
  }
}

}  // namespace headroom::gui
