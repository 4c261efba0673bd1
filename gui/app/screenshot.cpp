#include "app/screenshot.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QPixmap>

#include <algorithm>

#include <headroom/models/error.h>
#include <headroom/models/read.h>

#include "model/text.h"
#include "views/comparison_view.h"
#include "views/records_view.h"
#include "views/sweep_view.h"

namespace headroom::gui {
namespace {

/// Layouts and queued drawing take a few rounds.
constexpr int kRounds = 8;
constexpr int kMillisecondsARound = 20;

void settle(const MainWindow& window) {
  for (int i = 0; i < kRounds; ++i) {
    QCoreApplication::processEvents();
    QCoreApplication::sendPostedEvents();
  }
  const auto is_busy = [](const View* view) { return view->is_busy(); };
  while (std::any_of(window.views().begin(), window.views().end(), is_busy)) {
    QCoreApplication::processEvents(QEventLoop::AllEvents, kMillisecondsARound);
  }
  for (int i = 0; i < kRounds; ++i) QCoreApplication::processEvents();
}

}  // namespace

void take_screenshot(MainWindow& window, const Arguments& arguments) {
  if (!arguments.job.isEmpty()) window.state().open(arguments.job);
  if (!arguments.kept.isEmpty()) window.view<ComparisonView>().keep_file(arguments.kept);
  if (!arguments.records.isEmpty()) window.view<RecordsView>().open_records(arguments.records);
  window.view<SweepView>().vary(arguments.varied);
  window.view<SweepView>().ask(arguments.asked);
  if (!arguments.tab.isEmpty()) window.show_tab(arguments.tab);
  window.resize(arguments.size);
  window.show();
  settle(window);
  QBuffer buffer;
  buffer.open(QIODevice::WriteOnly);
  window.grab().save(&buffer, "PNG");
  const QByteArray& bytes = buffer.data();
  write_file_atomically(to_utf8(arguments.screenshot), {bytes.data(), static_cast<std::size_t>(bytes.size())});
}

}  // namespace headroom::gui
