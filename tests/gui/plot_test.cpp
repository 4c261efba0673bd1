#include <QImage>
#include <QSignalSpy>
#include <QXmlStreamReader>

#include <headroom/models/error.h>

#include "application.h"
#include "model/breakdown_scene.h"
#include "model/job_state.h"
#include "model/text.h"
#include "plot/plot.h"

using namespace headroom;
using namespace headroom::gui;
using namespace headroom::gui::test;

namespace {

/// A plot of the first job's bars, on the screen.
class ShownPlot {
 public:
  ShownPlot() {
    const Job job = first_document().job;
    predictions_ = predict_methods(job);
    plot_.set_scene(stacks_scene(stacks_of(predictions_), job.device.capacity.bytes));
    plot_.resize(800, 500);
    plot_.show();
    QTest::qWait(20);
  }
  Plot& operator*() { return plot_; }
  Plot* operator->() { return &plot_; }

 private:
  QApplication& application_ = application();
  std::vector<Prediction> predictions_;
  Plot plot_;
};

Scene sentence(const QString& text) {
  Scene scene;
  scene.empty = text;
  return scene;
}

bool is_well_formed_xml(const QByteArray& text) {
  QXmlStreamReader reader(text);
  while (!reader.atEnd()) reader.readNext();
  return !reader.hasError();
}

}  // namespace

TEST_CASE("the mouse finds the segment under it") {
  ShownPlot plot;
  const Scene& scene = plot->scene();
  for (int bar = 0; bar < int(scene.x.names.size()); ++bar) {
    double below = 0;
    for (int series = 0; series < int(scene.bars.size()); ++series) {
      const double value = scene.bars[std::size_t(series)].values[std::size_t(bar)];
      const double middle = below + value / 2;
      below += value;
      if (value < scene.y.upper / 50 || middle > scene.y.upper) continue;
      const Hit hit = plot->hit_at(plot->position_of(bar, middle));
      CHECK(hit.index == bar);
      CHECK(hit.series == series);
    }
  }
  CHECK(plot->hit_at({1, 1}).index == -1);
}

TEST_CASE("the readout of a segment names its category and its bytes") {
  ShownPlot plot;
  const QString text = plot->scene().readout({0, 2, 0, 0});
  CHECK(text.contains("flash"));
  CHECK(text.contains(plot->scene().bars[0].name));
  CHECK(text.contains("GiB"));
}

TEST_CASE("arrow keys choose bars and segments") {
  ShownPlot plot;
  QSignalSpy picks(&*plot, &Plot::picked);
  QTest::keyClick(&*plot, Qt::Key_Right);
  REQUIRE(picks.size() == 1);
  const Hit right = picks[0][0].value<Hit>();
  CHECK(right.index == 1);
  plot->select(right);
  QTest::keyClick(&*plot, Qt::Key_Up);
  CHECK(picks[1][0].value<Hit>().series == 1);
}

TEST_CASE("a name is broken in two behind the hyphen or at the space nearest to its middle") {
  CHECK(on_two_lines("capacity 79.15 GiB") == "capacity\n79.15 GiB");
  CHECK(on_two_lines("memory-efficient") == "memory-\nefficient");
  CHECK(on_two_lines("vanilla") == "vanilla");
  CHECK(on_two_lines("already\non two lines") == "already\non two lines");
}

TEST_CASE("the capacity is named in a picture that is too narrow for one line") {
  application();
  const auto picture = [](const QString& label) {
    Plot plot;
    Scene scene;
    scene.x.names = {"a", "b"};
    scene.y = {"bytes", Unit::bytes, Scale::linear, 0, 1 << 30, {}};
    scene.limits.push_back({Qt::Horizontal, 1 << 29, label, Qt::red, Qt::SolidLine});
    plot.resize(190, 240);
    plot.set_scene(scene);
    plot.show();
    QTest::qWait(20);
    return plot.grab().toImage();
  };
  const QString label = "capacity 79.15 GiB";
  CHECK(picture(label) == picture(on_two_lines(label)));
  CHECK(picture(label) != picture(QString()));
}

TEST_CASE("a low stack of thin segments is still seen beside a high one") {
  application();
  Scene scene;
  scene.x.names = {"high", "low"};
  scene.y = {"bytes", Unit::bytes, Scale::linear, 0, 1000, {}};
  for (int i = 0; i < 10; ++i) scene.bars.push_back({QString::number(i), Qt::blue, {90, 3}});
  Plot plot;
  plot.resize(400, 400);
  plot.set_scene(scene);
  plot.show();
  QTest::qWait(20);
  const QImage image = plot.grab().toImage();
  const QPointF middle = plot.position_of(1, 15);
  CHECK(image.pixelColor(middle.toPoint()).red() < 128);  // edges are blended with the white ground
}

TEST_CASE("a sentence in the place of a picture is drawn, before the first picture and behind one") {
  const auto is_blank = [](Plot& plot) {
    QTest::qWait(20);
    const QImage image = plot.grab().toImage();
    const QRgb ground = image.pixel(image.width() - 2, image.height() / 2);
    for (int y = 30; y < image.height() - 30; ++y) {
      for (int x = 30; x < image.width() - 30; ++x) {
        if (image.pixel(x, y) != ground) return false;
      }
    }
    return true;
  };
  ShownPlot behind;
  behind->set_scene(sentence("there is nothing to draw"));
  CHECK_FALSE(is_blank(*behind));
  behind->set_scene(sentence(" "));
  CHECK(is_blank(*behind));
  Plot first;
  first.set_scene(sentence("there is nothing to draw"));
  first.resize(800, 500);
  first.show();
  CHECK_FALSE(is_blank(first));
}

TEST_CASE("pictures are written as well-formed PNG, SVG and PDF") {
  ShownPlot plot;
  const Folder folder;
  plot->export_picture(folder.file("a.png"));
  const QImage image(folder.file("a.png"));
  CHECK(image.size() == QSize(1600, 1000));
  plot->export_picture(folder.file("a.svg"));
  const QByteArray svg = content_of(folder.file("a.svg"));
  CHECK(is_well_formed_xml(svg));
  CHECK(svg.contains("memory-"));
  plot->export_picture(folder.file("a.PDF"));
  const QByteArray pdf = content_of(folder.file("a.PDF"));
  CHECK(pdf.startsWith("%PDF-1."));
  CHECK(pdf.trimmed().endsWith("%%EOF"));
}

TEST_CASE("a picture that cannot be written says why and leaves nothing") {
  ShownPlot plot;
  const Folder folder;
  CHECK_THROWS_WITH(plot->export_picture(folder.file("a.gif")), headroom::test::contains(".png, .svg or .pdf"));
  CHECK_THROWS_AS(plot->export_picture("/nowhere/at/all/a.png"), InputError);
  CHECK(QDir(folder.path()).isEmpty());
}
