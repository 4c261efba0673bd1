#include "program.h"

#include <QFileInfo>
#include <QJsonDocument>
#include <QProcess>

#include <headroom/models/read.h>

#include "application.h"
#include "model/text.h"

namespace headroom::gui::test {
namespace {

QJsonObject answer_of(QProcess& process) {
  REQUIRE(process.waitForFinished());
  const QByteArray output = process.readAllStandardOutput();
  INFO(process.readAllStandardError().toStdString());
  const QJsonDocument json = QJsonDocument::fromJson(output);
  REQUIRE(json.isObject());
  return json.object();
}

}  // namespace

QJsonObject ask_program(const QStringList& words) {
  QProcess process;
  process.start(QStringLiteral(HEADROOM_PROGRAM), words + QStringList{"--format", "json"});
  return answer_of(process);
}

QString print_with_program(const QStringList& words) {
  QProcess process;
  process.start(QStringLiteral(HEADROOM_PROGRAM), words);
  REQUIRE(process.waitForFinished());
  return QString::fromUtf8(process.readAllStandardOutput());
}

QJsonObject ask_shell(const QString& command) {
  QProcess process;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  const QString folder = QFileInfo(QStringLiteral(HEADROOM_PROGRAM)).path();
  environment.insert(QStringLiteral("PATH"), folder + QLatin1Char(':') + environment.value(QStringLiteral("PATH")));
  process.setProcessEnvironment(environment);
  process.start(QStringLiteral("/bin/sh"), {"-c", command + QStringLiteral(" --format json")});
  return answer_of(process);
}

QJsonObject ask_about(const QString& command, const Job& job) {
  const Folder folder;
  const QString path = folder.file(QStringLiteral("job.json"));
  write_file_atomically(to_utf8(path), job_to_json(job));
  return ask_program({command, QStringLiteral("--job"), path});
}

qint64 integer(const QJsonValue& value) {
  REQUIRE(value.isDouble());
  return value.toInteger();
}

}  // namespace headroom::gui::test
