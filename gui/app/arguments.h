#pragma once

#include <QSize>
#include <QString>
#include <QStringList>

#include "app/theme.h"
#include "model/sweep.h"

namespace headroom::gui {

/// The command line of headroom-gui.
struct Arguments {
  QString screenshot;  ///< path; empty: open the window
  QString tab;
  QString job;
  QString kept;                          ///< the job to compare with
  QStringList records;                   ///< files and folders
  QStringList varied;                    ///< "NAME=VALUES" of the sweep
  Asked asked = Asked::longest_context;  ///< of the sweep
  QString theme;
  QSize size;        ///< of the screenshot
  double scale = 1;  ///< device pixels of a point
};

/// Throws InputError. Prints help, the version or an unknown option and exits where it has to.
[[nodiscard]] Arguments read_arguments(const QStringList& words);

/// "1024x700". Throws InputError.
[[nodiscard]] QSize parse_size(const QString& text);

}  // namespace headroom::gui
