#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <functional>

#include "catch.h"

namespace headroom::gui::test {

/// The one application of the program, without a display and with settings of its own.
QApplication& application();

/// A folder that is gone with the object.
class Folder {
 public:
  [[nodiscard]] QString file(const QString& name) const { return folder_.filePath(name); }
  [[nodiscard]] QString path() const { return folder_.path(); }
  /// Writes `text` to a new file and returns its path.
  [[nodiscard]] QString with(const QString& name, const QByteArray& text) const;

 private:
  QTemporaryDir folder_;
};

[[nodiscard]] QByteArray content_of(const QString& path);

/// Lets events pass until `is_done`, for ten seconds at most.
[[nodiscard]] bool wait_until(const std::function<bool()>& is_done);

}  // namespace headroom::gui::test
