#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace headroom::gui {

/// The data of one picture: a header and rows of as many fields.
struct CsvTable {
  QStringList header;
  std::vector<QStringList> rows;

  /// RFC 4180: CRLF, fields with commas, quotes or line breaks quoted.
  [[nodiscard]] QString text() const;
};

}  // namespace headroom::gui
