#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <headroom/models/job.h>

namespace headroom::gui::test {

/// What the command line program answers in JSON; `words` without its name.
[[nodiscard]] QJsonObject ask_program(const QStringList& words);

/// What it prints, as it is; `words` without its name.
[[nodiscard]] QString print_with_program(const QStringList& words);

/// The answer in JSON of a command as a shell takes it: "headroom breakdown ...".
[[nodiscard]] QJsonObject ask_shell(const QString& command);

/// The answer of `command` about a job.
[[nodiscard]] QJsonObject ask_about(const QString& command, const Job& job);

/// An integer of JSON, exact.
[[nodiscard]] qint64 integer(const QJsonValue& value);

}  // namespace headroom::gui::test
