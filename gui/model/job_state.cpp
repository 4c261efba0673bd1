#include "model/job_state.h"

#include <utility>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>
#include <headroom/sim/combination.h>

#include "model/prediction.h"
#include "model/text.h"

namespace headroom::gui {
namespace {

constexpr std::size_t kLongestHistory = 1000;

/// The preset that `value` is, by name; empty: none.
template <class T, class Preset>
std::string preset_name(const T& value, Preset preset, const std::vector<std::string_view>& names) {
  for (const std::string_view name : names) {
    if (name == value.name && preset(name) == value) return std::string(name);
  }
  return {};
}

Document document_of(Job job) {
  std::string model = preset_name(job.model, model_preset, model_names());
  std::string device = preset_name(job.device, device_preset, device_names());
  return {std::move(job), std::move(model), std::move(device)};
}

}  // namespace

Document first_document() {
  Job job;
  job.model = model_preset("llama-3-8b");
  job.device = device_preset("a100-80gb");
  job.method = method_preset("flash").method;
  job.precision = Precision::bf16;
  job.optimizer.states = StateDType::bf16;
  job.seq = Tokens(std::int64_t{32} * 1024);
  return document_of(std::move(job));
}

JobState::JobState(Document document, QObject* parent) : QObject(parent), saved_(document.job) {
  history_.push_back({std::move(document), {}, {}});
}

void JobState::set_model(const QString& name_or_path) {
  Read<Transformer> read = read_model(to_utf8(name_or_path));
  Document next = document();
  next.job.model = std::move(read.value);
  next.model_source = to_utf8(name_or_path);
  apply(std::move(next), tr("Model"));
  note_all(read.notes);
}

void JobState::set_device(const QString& name_or_path) {
  Read<Device> read = read_device(to_utf8(name_or_path));
  Document next = document();
  next.job.device = std::move(read.value);
  next.device_source = to_utf8(name_or_path);
  apply(std::move(next), tr("Hardware"));
  note_all(read.notes);
}

void JobState::set_budget(Bytes budget) {
  Document next = document();
  next.job.device = budget_device(budget);
  next.device_source.clear();
  validate(next.job.device);
  apply(std::move(next), tr("Budget"));
}

void JobState::set_method(const QString& name) {
  Document next = document();
  next.job.method = method_preset(to_utf8(name)).method;
  apply(std::move(next), tr("Method"));
}

void JobState::set_devices(const QString& count) {
  Document next = document();
  Arranged found = arranged(next.job, parse_count(to_utf8(count.trimmed()), "the number of devices"));
  sim::check_combination(found.job);
  next.job = std::move(found.job);
  apply(std::move(next), tr("Devices"));
}

void JobState::set_field(const JobField& field, const QString& text) {
  Document next = document();
  field.set(next.job, to_utf8(text.trimmed()), field.title);
  apply(std::move(next), to_qt(field.title));
}

void JobState::set_seq(Tokens seq) {
  Document next = document();
  next.job.seq = seq;
  apply(std::move(next), tr("Sequence length"), QStringLiteral("seq"));
}

void JobState::end_gesture() { history_[cursor_].gesture.clear(); }

void JobState::open(const QString& path) {
  Read<Job> read = read_job(to_utf8(path));
  if (read.value.seq == Tokens(0)) read.value.seq = job().seq;
  (void)rank_count(read.value.degrees);
  Document next = document_of(std::move(read.value));
  history_.clear();
  saved_ = next.job;
  history_.push_back({std::move(next), {}, {}});
  cursor_ = 0;
  path_ = path;
  Q_EMIT changed();
  note_all(read.notes);
}

void JobState::save(const QString& path) {
  sim::check_combination(job());
  write_file_atomically(to_utf8(path), job_to_json(job()));
  saved_ = job();
  path_ = path;
  end_gesture();
  Q_EMIT changed();
}

void JobState::undo() {
  if (!can_undo()) return;
  --cursor_;
  Q_EMIT changed();
}

void JobState::redo() {
  if (!can_redo()) return;
  ++cursor_;
  Q_EMIT changed();
}

QString JobState::undo_text() const { return can_undo() ? history_[cursor_].what : QString(); }

QString JobState::redo_text() const { return can_redo() ? history_[cursor_ + 1].what : QString(); }

void JobState::apply(Document next, const QString& what, const QString& gesture) {
  if (next == document()) return;
  (void)rank_count(next.job.degrees);  // which every view speaks of
  history_.resize(cursor_ + 1);
  if (!gesture.isEmpty() && history_.back().gesture == gesture) {
    history_.back().document = std::move(next);
  } else {
    history_.push_back({std::move(next), what, gesture});
    if (history_.size() > kLongestHistory) history_.erase(history_.begin());
  }
  cursor_ = history_.size() - 1;
  Q_EMIT changed();
}

void JobState::note_all(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) Q_EMIT noted(to_qt(note));
}

}  // namespace headroom::gui
