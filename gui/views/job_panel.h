#pragma once

#include <QGroupBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>

#include <functional>
#include <vector>

#include "model/job_state.h"
#include "model/prediction.h"
#include "views/combo_box.h"
#include "views/field_editor.h"
#include "views/length_editor.h"

class QFormLayout;

namespace headroom::gui {

/// Everything that can be set of the job. The fields come from their descriptions; those that make no difference to the
/// job as it is are hidden.
class JobPanel : public QScrollArea {
  Q_OBJECT

 public:
  explicit JobPanel(JobState& state, QWidget* parent = nullptr);

  /// Shows the state's job; `prediction` is of the same.
  void show_prediction(const Prediction& prediction);
  [[nodiscard]] LengthEditor& length() { return *length_; }

 Q_SIGNALS:
  /// Something typed or chosen was refused; the job is as it was.
  void refused(const QString& sentence);
  void accepted();
  void model_file_wanted();
  void device_file_wanted();

 protected:
  [[nodiscard]] QSize sizeHint() const override;

 private:
  struct FieldRow {
    const JobField* field;
    QLabel* label;  ///< none: the editor says its title itself
    FieldEditor* editor;
    QFormLayout* form;
  };

  void setup_subject(QFormLayout* form);
  void setup_devices(QFormLayout* form);
  void setup_length(QFormLayout* form);
  void setup_fields(QFormLayout* form, FieldGroup group);
  void add_field(QFormLayout* form, const JobField& field);
  void connect_choices();
  void show_subject();
  /// Runs a change of the job; what it throws becomes `refused`.
  void attempt(const std::function<void()>& change);

  JobState& state_;
  ComboBox* model_;
  ComboBox* device_;
  QLineEdit* devices_;
  QPushButton* arrange_;
  ComboBox* method_;
  QLabel* method_summary_;
  LengthEditor* length_;
  std::vector<FieldRow> rows_;
};

}  // namespace headroom::gui
