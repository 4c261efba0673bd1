#pragma once

#include <QWidget>

#include <functional>

#include <headroom/models/job_field.h>

namespace headroom::gui {

/// The widget for one field of a job, made from the field's description alone.
class FieldEditor : public QWidget {
  Q_OBJECT

 public:
  explicit FieldEditor(const JobField& field, QWidget* parent = nullptr);

  [[nodiscard]] const JobField& field() const { return field_; }
  /// Shows the job's value; marks values that would be refused beside the others.
  virtual void show_job(const Job& job) = 0;

 Q_SIGNALS:
  /// The user chose `text`, which the field's `set` takes.
  void edited(const QString& text);

 private:
  const JobField& field_;
};

[[nodiscard]] FieldEditor* make_field_editor(const JobField& field);

}  // namespace headroom::gui
