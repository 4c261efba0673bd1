#include "plot/export.h"

#include <QBuffer>
#include <QFileInfo>
#include <QPageSize>
#include <QPdfWriter>
#include <QSvgGenerator>

#include <headroom/models/error.h>
#include <headroom/models/read.h>

#include "model/text.h"
#include "plot/canvas.h"

namespace headroom::gui {
namespace {

constexpr QSize kSmallest{640, 400};
constexpr double kPngScale = 2;
constexpr int kDotsPerInch = 96;
constexpr double kPointsPerDot = 72.0 / kDotsPerInch;

void draw_on(QPaintDevice* device, Canvas* canvas, QSize size) {
  QCPPainter painter;
  painter.begin(device);
  painter.setMode(QCPPainter::pmVectorized);
  painter.setMode(QCPPainter::pmNoCaching);
  canvas->toPainter(&painter, size.width(), size.height());
}

void write_png(QBuffer& buffer, Canvas* canvas, QSize size) {
  canvas->toPixmap(size.width(), size.height(), kPngScale).save(&buffer, "PNG");
}

void write_svg(QBuffer& buffer, Canvas* canvas, QSize size) {
  QSvgGenerator generator;
  generator.setOutputDevice(&buffer);
  generator.setSize(size);
  generator.setViewBox(QRect(QPoint(), size));
  generator.setResolution(kDotsPerInch);
  generator.setTitle(QStringLiteral("headroom"));
  draw_on(&generator, canvas, size);
}

void write_pdf(QBuffer& buffer, Canvas* canvas, QSize size) {
  QPdfWriter writer(&buffer);
  writer.setResolution(kDotsPerInch);
  writer.setPageSize(QPageSize(QSizeF(size) * kPointsPerDot, QPageSize::Point));
  writer.setPageMargins({});
  writer.setTitle(QStringLiteral("headroom"));
  draw_on(&writer, canvas, size);
}

}  // namespace

PictureFormat picture_format(const QString& path) {
  const QString ending = QFileInfo(path).suffix().toLower();
  if (ending == QLatin1String("png")) return PictureFormat::png;
  if (ending == QLatin1String("svg")) return PictureFormat::svg;
  if (ending == QLatin1String("pdf")) return PictureFormat::pdf;
  throw InputError("'" + to_utf8(path) + "' must end with .png, .svg or .pdf, which says how to write the picture");
}

void write_picture(Canvas* canvas, const QString& path) {
  const PictureFormat format = picture_format(path);
  const QSize drawn = canvas->size().expandedTo(kSmallest);
  QBuffer buffer;
  buffer.open(QIODevice::WriteOnly);
  switch (format) {
    case PictureFormat::png: write_png(buffer, canvas, drawn); break;
    case PictureFormat::svg: write_svg(buffer, canvas, drawn); break;
    case PictureFormat::pdf: write_pdf(buffer, canvas, drawn); break;
  }
  buffer.close();
  const QByteArray& bytes = buffer.data();
  write_file_atomically(to_utf8(path), std::string_view(bytes.data(), static_cast<std::size_t>(bytes.size())));
}

}  // namespace headroom::gui
