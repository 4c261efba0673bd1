#pragma once

#include <QString>
#include <QStringList>

#include "app/theme.h"

/// What is remembered from one start to the next.
namespace headroom::gui {

[[nodiscard]] QStringList recent_files();
void add_recent_file(const QString& path);

[[nodiscard]] Theme remembered_theme();
void remember_theme(Theme theme);

/// Whether the file says that it is a job.
[[nodiscard]] bool is_job_file(const QString& path);

}  // namespace headroom::gui
