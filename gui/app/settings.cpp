#include "app/settings.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSettings>

#include <headroom/models/error.h>

namespace headroom::gui {
namespace {

constexpr qsizetype kMostRecent = 8;
constexpr qint64 kLongestFile = qint64{16} << 20;

QString recent_key() { return QStringLiteral("recent-jobs"); }
QString theme_key() { return QStringLiteral("theme"); }

}  // namespace

QStringList recent_files() { return QSettings().value(recent_key()).toStringList(); }

void add_recent_file(const QString& path) {
  QStringList files = recent_files();
  const QString absolute = QFileInfo(path).absoluteFilePath();
  files.removeAll(absolute);
  files.prepend(absolute);
  QSettings().setValue(recent_key(), files.mid(0, kMostRecent));
}

Theme remembered_theme() {
  try {
    return theme_of(QSettings().value(theme_key(), theme_name(Theme::system)).toString());
  } catch (const InputError&) {
    return Theme::system;
  }
}

void remember_theme(Theme theme) { QSettings().setValue(theme_key(), theme_name(theme)); }

bool is_job_file(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return false;
  const QJsonDocument json = QJsonDocument::fromJson(file.read(kLongestFile));
  return json.object().value(QStringLiteral("headroom")).toString().startsWith(QLatin1String("job/"));
}

}  // namespace headroom::gui
