#include "plot/tickers.h"

#include <algorithm>
#include <cmath>

#include "model/text.h"

namespace headroom::gui {
namespace {

constexpr double kRounding = 1e-9;
constexpr double kLargest = 9.0e18;  ///< what 64 bits hold

/// Over fewer octaves powers of two are too few ticks.
constexpr double kFewOctaves = 3;

double octaves(const QCPRange& range) { return std::log2(range.upper / std::max(range.lower, 1e-9)); }

}  // namespace

double BinaryTicker::getTickStep(const QCPRange& range) {
  if (has_powers(range)) return std::max(1.0, std::ceil(octaves(range) / most_));
  const double most = scale_ == Scale::logarithmic ? most_ / 2 : most_;
  const double step = std::exp2(std::ceil(std::log2(range.size() / most)));
  return unit_ == Unit::none ? step : std::max(1.0, step);
}

bool BinaryTicker::has_powers(const QCPRange& range) const {
  return scale_ == Scale::logarithmic && octaves(range) >= kFewOctaves;
}

int BinaryTicker::getSubTickCount(double /*tick_step*/) { return 0; }

QVector<double> BinaryTicker::createTickVector(double tick_step, const QCPRange& range) {
  const bool powers = has_powers(range);
  const double from = powers ? std::log2(std::max(range.lower, 1.0)) : range.lower;
  const double to = powers ? std::log2(range.upper) : range.upper;
  const double first = std::ceil(from / tick_step - kRounding) * tick_step;
  const int more = static_cast<int>(std::floor((to - first) / tick_step + kRounding));
  QVector<double> ticks;
  for (int i = 0; i <= more; ++i) {
    const double tick = first + i * tick_step;
    ticks.push_back(powers ? std::exp2(tick) : tick);
  }
  return ticks;
}

QString BinaryTicker::getTickLabel(double tick, const QLocale& locale, QChar format, int precision) {
  if (std::abs(tick) > kLargest) return {};
  const auto count = static_cast<std::int64_t>(std::llround(tick));
  switch (unit_) {
    case Unit::bytes: return count == 0 ? QStringLiteral("0") : to_qt(format_bytes_tick(Bytes(count)));
    case Unit::tokens: return to_qt(format_tokens_tick(Tokens(count)));
    case Unit::none: break;
  }
  return QCPAxisTicker::getTickLabel(tick, locale, format, precision);
}

}  // namespace headroom::gui
