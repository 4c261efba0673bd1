#include "application.h"

#include <QFile>
#include <QSettings>
#include <QStandardPaths>

namespace headroom::gui::test {

QApplication& application() {
  static int count = 1;
  static char name[] = "gui-test";
  static char* arguments[] = {name, nullptr};
  static QApplication* const kApplication = [] {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QStandardPaths::setTestModeEnabled(true);
    auto* made = new QApplication(count, arguments);
    QCoreApplication::setOrganizationName(QStringLiteral("headroom-test"));
    QCoreApplication::setApplicationName(QStringLiteral("gui-test"));
    QSettings().clear();
    return made;
  }();
  return *kApplication;
}

QString Folder::with(const QString& name, const QByteArray& text) const {
  QFile written(file(name));
  REQUIRE(written.open(QIODevice::WriteOnly));
  REQUIRE(written.write(text) == text.size());
  return written.fileName();
}

QByteArray content_of(const QString& path) {
  QFile file(path);
  REQUIRE(file.open(QIODevice::ReadOnly));
  return file.readAll();
}

bool wait_until(const std::function<bool()>& is_done) {
  constexpr int kMilliseconds = 10'000;
  return QTest::qWaitFor(is_done, kMilliseconds);
}

}  // namespace headroom::gui::test
