#include <QApplication>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string>

#include <headroom/models/error.h>

#include "app/arguments.h"
#include "app/main_window.h"
#include "app/screenshot.h"
#include "app/settings.h"
#include "views/comparison_view.h"
#include "views/records_view.h"
#include "views/sweep_view.h"

namespace headroom::gui {
namespace {

constexpr int kInputError = 2;

/// The value of `--name VALUE` or `--name=VALUE`, before Qt has read the command line.
QByteArray early_value(int argc, char* argv[], const char* name) {
  const std::string with_sign = std::string(name) + "=";
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], name) == 0) return i + 1 < argc ? argv[i + 1] : "";
    if (std::strncmp(argv[i], with_sign.c_str(), with_sign.size()) == 0) return argv[i] + with_sign.size();
  }
  return {};
}

bool has_word(int argc, char* argv[], std::initializer_list<const char*> words) {
  const auto is_one = [words](const char* word) {
    return std::any_of(words.begin(), words.end(), [word](const char* w) { return std::strcmp(w, word) == 0; });
  };
  return std::any_of(argv + 1, argv + argc, is_one);
}

/// Help and screenshots need no display, and a screenshot's scale has to be known before the application is.
void prepare(int argc, char* argv[]) {
  const bool is_screenshot = !early_value(argc, argv, "--screenshot").isEmpty();
  if (!is_screenshot && !has_word(argc, argv, {"--help", "-h", "--version", "-v"})) return;
  qputenv("QT_QPA_PLATFORM", "offscreen");
  // The offscreen platform warns of what it leaves out.
  if (!qEnvironmentVariableIsSet("QT_LOGGING_RULES")) qputenv("QT_LOGGING_RULES", "default.warning=false");
  const QByteArray scale = early_value(argc, argv, "--scale");
  if (is_screenshot && !scale.isEmpty()) qputenv("QT_SCALE_FACTOR", scale);
}

int run() {
  const Arguments arguments = read_arguments(QCoreApplication::arguments());
  const bool is_screenshot = !arguments.screenshot.isEmpty();
  const Theme standard = is_screenshot ? Theme::light : remembered_theme();
  apply_theme(arguments.theme.isEmpty() ? standard : theme_of(arguments.theme));
  MainWindow window;
  if (is_screenshot) {
    take_screenshot(window, arguments);
    return EXIT_SUCCESS;
  }
  window.restore_settings();
  if (!arguments.job.isEmpty()) window.open_job(arguments.job);
  if (!arguments.kept.isEmpty()) window.view<ComparisonView>().keep_file(arguments.kept);
  if (!arguments.records.isEmpty()) window.view<RecordsView>().open_records(arguments.records);
  window.view<SweepView>().vary(arguments.varied);
  window.view<SweepView>().ask(arguments.asked);
  if (!arguments.tab.isEmpty()) window.show_tab(arguments.tab);
  window.show();
  return QCoreApplication::exec();
}

}  // namespace
}  // namespace headroom::gui

int main(int argc, char* argv[]) {
  using namespace headroom;
  gui::prepare(argc, argv);
  const QApplication application(argc, argv);
  QCoreApplication::setApplicationName(QStringLiteral("headroom-gui"));
  QCoreApplication::setOrganizationName(QStringLiteral("headroom"));
  QCoreApplication::setApplicationVersion(QStringLiteral(HEADROOM_VERSION));
  QGuiApplication::setDesktopFileName(QStringLiteral("headroom-gui"));
  QApplication::setWindowIcon(QIcon(QStringLiteral(":/headroom.svg")));
  try {
    return gui::run();
  } catch (const InputError& error) {
    std::fprintf(stderr, "headroom-gui: %s\n", error.what());
    return gui::kInputError;
  }
}
