#pragma once

#include <QString>

namespace headroom::gui {

class Canvas;

/// The formats a picture is written in.
enum class PictureFormat { png, svg, pdf };

/// The format that a file's ending names. Throws InputError.
[[nodiscard]] PictureFormat picture_format(const QString& path);

/// Writes what `canvas` shows. Throws InputError that names the path.
void write_picture(Canvas* canvas, const QString& path);

}  // namespace headroom::gui
