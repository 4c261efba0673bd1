#include "app/arguments.h"

#include <QCommandLineParser>
#include <QRegularExpression>

#include <headroom/models/error.h>

#include "model/text.h"

namespace headroom::gui {
namespace {

constexpr QSize kScreenshotSize{1280, 860};
constexpr int kLargestSide = 10000;
constexpr double kLargestScale = 8;

double parse_scale(const QString& text) {
  bool is_number = false;
  const double scale = text.toDouble(&is_number);
  if (!is_number || !(scale >= 1) || scale > kLargestScale) {
    throw InputError("--scale must be a number from 1 to 8, not '" + to_utf8(text) + "'");
  }
  return scale;
}

}  // namespace

QSize parse_size(const QString& text) {
  static const QRegularExpression kPattern(QStringLiteral("^(\\d{1,5})x(\\d{1,5})$"));
  const QRegularExpressionMatch match = kPattern.match(text);
  const QSize size(match.captured(1).toInt(), match.captured(2).toInt());
  if (!match.hasMatch() || size.isEmpty() || size.width() > kLargestSide || size.height() > kLargestSide) {
    throw InputError("--size must be WIDTHxHEIGHT in points, such as 1024x700, not '" + to_utf8(text) + "'");
  }
  return size;
}

Arguments read_arguments(const QStringList& words) {
  QCommandLineParser parser;
  parser.setApplicationDescription(QObject::tr("See where the memory of training and inference goes."));
  const QCommandLineOption screenshot(QStringLiteral("screenshot"),
                                      QObject::tr("Write the window as a picture and exit; needs no display."),
                                      QStringLiteral("FILE.png"));
  const QCommandLineOption tab(QStringLiteral("tab"), QObject::tr("The tab to show."), QStringLiteral("NAME"));
  const QCommandLineOption job(QStringLiteral("job"), QObject::tr("The job to open."), QStringLiteral("FILE"));
  const QCommandLineOption kept(QStringLiteral("compare-with"), QObject::tr("The job to compare with."),
                                QStringLiteral("FILE"));
  const QCommandLineOption records(QStringLiteral("records"), QObject::tr("Records, or a folder of them, to open."),
                                   QStringLiteral("PATH"));
  const QCommandLineOption vary(QStringLiteral("vary"),
                                QObject::tr("What the sweep varies; given again: groups, then colours."),
                                QStringLiteral("NAME=VALUES"));
  const QCommandLineOption peak(QStringLiteral("peak"), QObject::tr("Sweep the peak, not the longest context."));
  const QCommandLineOption theme(QStringLiteral("theme"), QObject::tr("system, light or dark."),
                                 QStringLiteral("NAME"));
  const QCommandLineOption size(QStringLiteral("size"), QObject::tr("Of the screenshot's window, in points."),
                                QStringLiteral("WIDTHxHEIGHT"));
  const QCommandLineOption scale(QStringLiteral("scale"), QObject::tr("Pixels of a point of the screenshot."),
                                 QStringLiteral("NUMBER"), QStringLiteral("1"));
  parser.addOptions({screenshot, tab, job, kept, records, vary, peak, theme, size, scale});
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(QStringLiteral("job"), QObject::tr("The job to open."), QStringLiteral("[job]"));
  parser.process(words);
  Arguments arguments{parser.value(screenshot),
                      parser.value(tab),
                      parser.value(job),
                      parser.value(kept),
                      parser.values(records),
                      parser.values(vary),
                      parser.isSet(peak) ? Asked::peak : Asked::longest_context,
                      parser.value(theme),
                      kScreenshotSize,
                      parse_scale(parser.value(scale))};
  if (parser.isSet(size)) arguments.size = parse_size(parser.value(size));
  if (arguments.job.isEmpty() && !parser.positionalArguments().isEmpty()) {
    arguments.job = parser.positionalArguments().front();
  }
  return arguments;
}

}  // namespace headroom::gui
