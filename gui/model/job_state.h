#pragma once

#include <QObject>
#include <QString>

#include <cstddef>
#include <string>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/models/job_field.h>

namespace headroom::gui {

/// A job and where its parts came from, as they would be typed.
struct Document {
  Job job;
  std::string model_source;   ///< a preset's name or a path; empty: known only to the job file
  std::string device_source;  ///< the same

  bool operator==(const Document&) const = default;
};

/// What the window opens with: a job that fits, close to its wall.
[[nodiscard]] Document first_document();

/// The one job that is being edited, with its history. Every change goes through here and is one value in place of
/// another; whatever throws leaves the job as it was.
class JobState : public QObject {
  Q_OBJECT

 public:
  explicit JobState(Document document = first_document(), QObject* parent = nullptr);

  [[nodiscard]] const Job& job() const { return document().job; }
  [[nodiscard]] const Document& document() const { return history_[cursor_].document; }

  /// Path of the job's file; empty: none yet.
  [[nodiscard]] const QString& path() const { return path_; }
  [[nodiscard]] bool is_modified() const { return document().job != saved_; }

  /// Throw InputError. Paths and presets are read as the command line reads them; notes come by `noted`.
  void set_model(const QString& name_or_path);
  void set_device(const QString& name_or_path);
  void set_budget(Bytes budget);
  void set_method(const QString& name);
  /// As many ranks, with the degrees that get furthest.
  void set_devices(const QString& count);
  void set_field(const JobField& field, const QString& text);
  /// Steps that follow each other, as those of a dragged slider, are undone together until `end_gesture`.
  void set_seq(Tokens seq);
  void end_gesture();

  /// Throw InputError that names the path.
  void open(const QString& path);
  void save(const QString& path);

  [[nodiscard]] bool can_undo() const { return cursor_ > 0; }
  [[nodiscard]] bool can_redo() const { return cursor_ + 1 < history_.size(); }
  void undo();
  void redo();
  /// What undo would take back: "Method"; empty: nothing.
  [[nodiscard]] QString undo_text() const;
  [[nodiscard]] QString redo_text() const;

 Q_SIGNALS:
  void changed();
  /// A sentence about what was read.
  void noted(const QString& note);

 private:
  struct Entry {
    Document document;
    QString what;
    QString gesture;  ///< entries of one gesture replace each other
  };

  void apply(Document next, const QString& what, const QString& gesture = {});
  void note_all(const std::vector<std::string>& notes);

  std::vector<Entry> history_;
  std::size_t cursor_ = 0;
  Job saved_;
  QString path_;
};

}  // namespace headroom::gui
