#include <QDir>
#include <QImage>
#include <QProcess>

#include <headroom/models/read.h>

#include "application.h"
#include "model/job_state.h"

using namespace headroom;
using namespace headroom::gui;
using namespace headroom::gui::test;

namespace {

struct Ran {
  int code;
  QString error;
};

Ran run(const QStringList& arguments) {
  QProcess process;
  process.start(QStringLiteral(HEADROOM_GUI_PROGRAM), arguments);
  REQUIRE(process.waitForFinished(60'000));
  return {process.exitCode(), QString::fromUtf8(process.readAllStandardError())};
}

}  // namespace

TEST_CASE("every tab is written as a picture without a display, in either theme and at any scale") {
  const Folder folder;
  const QString job = folder.with("job.json", QByteArray::fromStdString(job_to_json(first_document().job)));
  const QString path = folder.file("shot.png");
  QImage last;
  for (const char* tab : {"breakdown", "curves", "timeline", "sweep", "devices", "records", "compare"}) {
    INFO(tab);
    const Ran ran = run(
        {"--screenshot", path, "--tab", tab, "--job", job, "--size", "1024x700", "--theme", "dark", "--scale", "2"});
    CHECK(ran.code == 0);
    const QImage image(path);
    CHECK(image.size() == QSize(2048, 1400));
    CHECK(image != last);
    last = image;
  }
}

TEST_CASE("a screenshot that cannot be made is a sentence and exit code 2, and leaves nothing") {
  const Folder folder;
  const QString path = folder.file("shot.png");
  const QList<QStringList> mistakes{{"--screenshot", path, "--tab", "nonsense"},
                                    {"--screenshot", path, "--vary", "batch=none"},
                                    {"--screenshot", path, "--job", folder.file("none.json")},
                                    {"--screenshot", path, "--theme", "pink"},
                                    {"--screenshot", path, "--size", "0x9"},
                                    {"--screenshot", path, "--scale", "nan"},
                                    {"--screenshot", "/nowhere/at/all/shot.png"}};
  for (const QStringList& arguments : mistakes) {
    INFO(arguments.join(' ').toStdString());
    const Ran ran = run(arguments);
    CHECK(ran.code == 2);
    CHECK(ran.error.contains("headroom-gui: "));
  }
  CHECK(QDir(folder.path()).isEmpty());
}
