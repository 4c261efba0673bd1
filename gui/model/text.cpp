#include "model/text.h"

#include <cstdlib>

#include <headroom/models/presets.h>

namespace headroom::gui {
namespace {

constexpr int kLongestName = 30;

}  // namespace

QString bytes_text_exact(Bytes bytes) {
  QString shortened = bytes_text(bytes);
  if (shortened.endsWith(QLatin1String(" B"))) return shortened;
  return QStringLiteral("%1 (%2 bytes)").arg(shortened, to_qt(format_grouped(bytes.count())));
}

QString signed_bytes_text(Bytes bytes) {
  return (bytes > Bytes() ? QStringLiteral("+") : QString()) + bytes_text(bytes);
}

QString category_text(Category category) { return to_qt(description_of(category)); }

QString name_text(std::string_view name) {
  QString text = to_qt(name).simplified();
  for (QChar& character : text) {
    if (!character.isPrint() && !character.isSurrogate()) character = QLatin1Char('?');
  }
  return text.size() <= kLongestName ? text : text.left(kLongestName - 1) + QChar(0x2026);
}

QString subject_text(const Job& job) {
  const QString model = name_text(job.model.name);
  const std::int64_t ranks = rank_count(job.degrees);
  const QString count = ranks == 1 ? QObject::tr("one") : to_qt(format_grouped(ranks));
  if (!is_budget(job.device)) return QObject::tr("%1 on %2 %3").arg(model, count, name_text(job.device.name));
  const QString place = ranks == 1 ? QString() : QObject::tr(" on each of %1 ranks").arg(count);
  return QObject::tr("%1 within %2%3").arg(model, bytes_text(job.device.capacity.bytes), place);
}

QString method_text(const Method& method) {
  if (method.name.empty()) return QStringLiteral("custom");
  const QString name = name_text(method.name);
  return method == method_preset(method.name).method ? name : QStringLiteral("%1, edited").arg(name);
}

QString on_two_lines(const QString& text) {
  if (text.contains(QLatin1Char('\n'))) return text;
  qsizetype best = -1;
  const auto middle = text.size() / 2;
  for (qsizetype i = 0; i + 1 < text.size(); ++i) {
    const bool may_break = text[i] == QLatin1Char('-') || text[i] == QLatin1Char(' ');
    if (may_break && (best < 0 || std::abs(i - middle) < std::abs(best - middle))) best = i;
  }
  if (best < 0) return text;
  const qsizetype end = text[best] == QLatin1Char(' ') ? best : best + 1;
  return text.left(end) + QLatin1Char('\n') + text.mid(best + 1);
}

QString capitalised(QString text) {
  if (!text.isEmpty()) text[0] = text[0].toUpper();
  return text;
}

}  // namespace headroom::gui
