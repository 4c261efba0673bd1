#include "progress.h"

#include <cmath>

#include <fmt/format.h>

#include <headroom/models/format.h>

namespace headroom::cli {
namespace {

constexpr int kCells = 24;
constexpr std::chrono::milliseconds kPause{100};
constexpr const char* kClearLine = "\r\x1b[K";

}  // namespace

std::string progress_text(std::int64_t done, std::int64_t all, std::chrono::duration<double> elapsed) {
  const double share = static_cast<double>(done) / static_cast<double>(all);
  std::string bar;
  for (int cell = 0; cell < kCells; ++cell) bar += cell < static_cast<int>(share * kCells) ? "█" : "░";
  std::string text = fmt::format("{:3} %  {}  {} of {} jobs", static_cast<int>(share * 100), bar, format_grouped(done),
                                 format_grouped(all));
  if (done > 0) text += fmt::format(", {:.0f} s left", std::ceil(elapsed.count() * (1 - share) / share));
  return text;
}

Progress::Progress(std::int64_t all, bool is_shown, Console& console)
    : all_(all), is_shown_(is_shown), console_(console) {}

Progress::~Progress() {
  if (is_shown_ && shown_ != start_) console_.err(kClearLine);
}

void Progress::show(std::int64_t done) {
  const Clock::time_point now = Clock::now();
  if (!is_shown_ || now - shown_ < kPause) return;
  shown_ = now;
  console_.err(kClearLine + progress_text(done, all_, now - start_));
}

}  // namespace headroom::cli
