#include "model/command_line.h"

#include <QStringList>

#include <algorithm>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>

#include "model/text.h"

namespace headroom::gui {
namespace {

/// `text` as one word of a POSIX shell.
QString quoted(QString text) {
  const auto is_plain = [](QChar c) { return c.isLetterOrNumber() || QLatin1String("-_./:=,+@%").contains(c); };
  if (!text.isEmpty() && std::all_of(text.cbegin(), text.cend(), is_plain)) return text;
  return QLatin1Char('\'') + text.replace(QLatin1Char('\''), QLatin1String("'\\''")) + QLatin1Char('\'');
}

QStringList device_words(const Document& document) {
  const Device& device = document.job.device;
  if (is_budget(device)) return {QStringLiteral("--budget"), to_qt(format_count(device.capacity.bytes.count()))};
  return {QStringLiteral("--hardware"), quoted(to_qt(document.device_source))};
}

/// The preset that the method started from; vanilla, as in job files, where it names none.
const Method& start_of(const Method& method) {
  return method_preset(method.name.empty() ? "vanilla" : method.name).method;
}

bool is_nameable(const Document& document) {
  return !document.model_source.empty() && (!document.device_source.empty() || is_budget(document.job.device));
}

/// The model, the device and the method by name, or the file that has them.
QStringList subject_words(const JobState& state) {
  const Document& document = state.document();
  if (!is_nameable(document)) {
    if (state.path().isEmpty() || state.is_modified()) {
      throw InputError("the model or the device of this job has no name of its own; save the job first");
    }
    return {QStringLiteral("--job"), quoted(state.path())};
  }
  return QStringList{QStringLiteral("--model"), quoted(to_qt(document.model_source))} + device_words(document) +
         QStringList{QStringLiteral("--method"), to_qt(start_of(document.job.method).name)};
}

/// What a job has where no option says otherwise.
Job standard_job(const Job& job) {
  Job standard;
  standard.method = start_of(job.method);
  return standard;
}

QStringList option_words(const JobField& field, const Job& job, const Job& standard) {
  const QString value = to_qt(field.show(job));
  if (value == to_qt(field.show(standard))) return {};
  const QString name = to_qt(field.name);
  if (field.kind != FieldKind::toggle) return {QStringLiteral("--") + name, value};
  return {(value == QLatin1String("true") ? QStringLiteral("--") : QStringLiteral("--no-")) + name};
}

}  // namespace

QString command_line(const JobState& state) {
  QStringList words{QStringLiteral("headroom"), QStringLiteral("breakdown")};
  words += subject_words(state);
  const Job& job = state.job();
  if (words[2] == QLatin1String("--job")) return words.join(QLatin1Char(' '));
  const Job standard = standard_job(job);
  for (const JobField& field : job_fields()) words += option_words(field, job, standard);
  words += {QStringLiteral("--seq"), to_qt(format_count(job.seq.count()))};
  return words.join(QLatin1Char(' '));
}

}  // namespace headroom::gui
