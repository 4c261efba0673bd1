#include "views/scaling_view.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/sim/arrangement.h>

#include "model/text.h"
#include "views/layouts.h"
#include "views/tick_list.h"

namespace headroom::gui {
namespace {

/// A count whose arrows double and halve it.
class DoublingSpinBox : public QSpinBox {
 public:
  DoublingSpinBox(std::int64_t first, const QString& name, const QString& tip) {
    setObjectName(name);
    setToolTip(tip);
    setAccessibleName(tip);
    setRange(1, static_cast<int>(sim::kMostDevices));
    setValue(static_cast<int>(first));
    setGroupSeparatorShown(true);
    setKeyboardTracking(false);
  }

  void stepBy(int steps) override {
    for (; steps > 0; --steps) setValue(value() * 2);
    for (; steps < 0; ++steps) setValue(value() / 2);
  }
};

/// What shares sequences over devices, beside what does not.
QStringList first_methods() {
  return {QStringLiteral("vanilla"), QStringLiteral("flash"), QStringLiteral("bpt"),
          QStringLiteral("mst"),     QStringLiteral("ring"),  QStringLiteral("ulysses")};
}

QComboBox* make_sharding_box() {
  auto* box = new QComboBox;
  box->setObjectName(QStringLiteral("scaling-sharding"));
  box->setToolTip(QObject::tr("Which states the ranks of every method share out"));
  box->setAccessibleName(box->toolTip());
  box->addItem(QObject::tr("as the method"));
  for (const auto& named : values_of<StateSharding>()) box->addItem(to_qt(named.name));
  return box;
}

std::optional<StateSharding> sharding_of(const QComboBox* box) {
  if (box->currentIndex() == 0) return std::nullopt;
  return values_of<StateSharding>()[static_cast<std::size_t>(box->currentIndex() - 1)].value;
}

/// A label above each field: the column is narrow.
QFormLayout* make_form(QWidget* owner) {
  auto* form = new QFormLayout(owner);
  form->setContentsMargins(0, 0, 0, 0);
  form->setRowWrapPolicy(QFormLayout::WrapAllRows);
  return form;
}

}  // namespace

ScalingView::ScalingView(JobState& state, QWidget* parent)
    : View(state, QStringLiteral("devices"), tr("Devices"), parent),
      plot_(new Plot),
      sentence_(make_note()),
      methods_(make_tick_list(method_names(), first_methods(), tr("Methods"))),
      most_devices_(new DoublingSpinBox(64, QStringLiteral("most-devices"), tr("The largest number of devices"))),
      sharding_(make_sharding_box()),
      devices_per_node_(new DoublingSpinBox(8, QStringLiteral("devices-per-node"), tr("Devices that share a host"))),
      host_memory_(make_field_editor(job_field("host-memory"))),
      progress_(make_progress_bar(tr("Contexts are being found"))),
      work_(
          this, [this](Scaling scaling) { show_scaling(std::move(scaling)); },
          [this](double share) { show_progress(progress_, share); }) {
  plot_->setAccessibleName(tr("Longest context by number of devices and method"));
  auto* picture = new QVBoxLayout;
  picture->addWidget(plot_, 1);
  picture->addWidget(progress_);
  picture->addWidget(sentence_);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(6, 6, 6, 6);
  layout->addLayout(picture, 1);
  layout->addWidget(make_controls());
  connect(plot_, &Plot::picked, this, &ScalingView::choose);
}

QWidget* ScalingView::make_controls() {
  auto* controls = new QWidget;
  auto* column = new QVBoxLayout(controls);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(make_heading(tr("Methods")));
  column->addWidget(methods_, 1);
  auto* counts = new QWidget;
  QFormLayout* form = make_form(counts);
  form->addRow(tr("Devices &up to"), most_devices_);
  form->addRow(tr("State &sharding"), sharding_);
  column->addWidget(counts);
  column->addWidget(make_host_controls());
  connect(methods_, &QListWidget::itemChanged, this, &ScalingView::refresh);
  connect(most_devices_, &QSpinBox::valueChanged, this, &ScalingView::refresh);
  connect(sharding_, &QComboBox::currentIndexChanged, this, &ScalingView::refresh);
  return controls;
}

QWidget* ScalingView::make_host_controls() {
  host_controls_ = new QWidget;
  QFormLayout* form = make_form(host_controls_);
  host_memory_->setObjectName(QStringLiteral("node-memory"));
  host_memory_->focusProxy()->setAccessibleName(tr("Host memory of a node"));
  form->addRow(tr("Devices a &node"), devices_per_node_);
  form->addRow(tr("Host memory a no&de"), host_memory_);
  connect(devices_per_node_, &QSpinBox::valueChanged, this, &ScalingView::refresh);
  connect(host_memory_, &FieldEditor::edited, this, [this](const QString& text) {
    try {
      state().set_field(host_memory_->field(), text);
    } catch (const InputError& error) {
      Q_EMIT told(capitalised(to_qt(error.what())));
      host_memory_->show_job(state().job());
    }
  });
  return host_controls_;
}

ScalingRequest ScalingView::request() const {
  return {state().job(), ticked_in(methods_), most_devices_->value(), devices_per_node_->value(),
          sharding_of(sharding_)};
}

void ScalingView::refresh() {
  const ScalingRequest asked = request();
  const auto uses_a_host = [](const std::string& name) { return uses_host(method_preset(name).method); };
  host_controls_->setVisible(uses_host(asked.job.method) ||
                             std::any_of(asked.methods.begin(), asked.methods.end(), uses_a_host));
  host_memory_->show_job(asked.job);
  work_.start([asked](const Progress& progress) { return find_scaling(asked, progress); });
}

void ScalingView::show_scaling(Scaling scaling) {
  progress_->hide();
  scaling_ = std::move(scaling);
  plot_->set_scene(scaling_scene(scaling_));
  choose(standard_choice());
}

void ScalingView::choose(const Hit& hit) {
  const ScalingCell* cell = cell_at(scaling_, hit);
  if (cell == nullptr) {
    sentence_->clear();
    plot_->select(std::nullopt);
    return;
  }
  const ScalingGroup& group = scaling_.groups[static_cast<std::size_t>(hit.index)];
  sentence_->setText(tr("%1 on %2: %3.")
                         .arg(capitalised(scaling_.methods[static_cast<std::size_t>(hit.series)]),
                              to_qt(format_grouped(group.devices)), cell_lines(*cell).join(QStringLiteral("; "))));
  plot_->select(hit);
}

Hit ScalingView::standard_choice() const {
  const auto own = std::find(scaling_.methods.begin(), scaling_.methods.end(), method_text(state().job().method));
  const auto series = own == scaling_.methods.end() ? 0 : own - scaling_.methods.begin();
  return {static_cast<int>(series), static_cast<int>(scaling_.groups.size()) - 1, 0, 0};
}

}  // namespace headroom::gui
