#include <QComboBox>
#include <QDropEvent>
#include <QImage>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QSlider>

#include <headroom/models/read.h>

#include "app/main_window.h"
#include "application.h"
#include "model/command_line.h"
#include "model/text.h"
#include "views/breakdown_view.h"
#include "views/comparison_view.h"
#include "views/records_view.h"
#include "views/sweep_view.h"
#include "views/timeline_view.h"

using namespace headroom;
using namespace headroom::gui;
using namespace headroom::gui::test;

namespace {

class ShownWindow {
 public:
  ShownWindow() {
    application();
    window_ = std::make_unique<MainWindow>();
    window_->show();
    QTest::qWait(20);
  }
  MainWindow& operator*() { return *window_; }
  MainWindow* operator->() { return window_.get(); }

  template <class T>
  T& child(const QString& name) {
    T* found = window_->findChild<T*>(name);
    REQUIRE(found != nullptr);
    return *found;
  }
  /// Chooses an item of a list as a user does.
  void choose(const QString& list, const QString& item) {
    auto& box = child<QComboBox>(list);
    const int index = box.findText(item);
    REQUIRE(index >= 0);
    box.setCurrentIndex(index);
    Q_EMIT box.activated(index);
    Q_EMIT box.textActivated(item);
  }

 private:
  std::unique_ptr<MainWindow> window_;
};

bool has_shown_label(const MainWindow& window, const QString& part) {
  const auto labels = window.findChildren<QLabel*>();
  return std::any_of(labels.begin(), labels.end(),
                     [&part](const QLabel* label) { return label->isVisible() && label->text().contains(part); });
}

}  // namespace

TEST_CASE("dragging the slider changes the length, the answer and the bars, and is undone at once") {
  ShownWindow window;
  const Job before = window->state().job();
  QSlider& slider = window->panel().length().slider();
  const QPoint centre = slider.rect().center();
  QTest::mousePress(&slider, Qt::LeftButton, {}, {slider.width() / 3, centre.y()});
  slider.setSliderDown(true);
  for (int position = 300; position < 700; position += 20) slider.setSliderPosition(position);
  slider.setSliderDown(false);
  QTest::mouseRelease(&slider, Qt::LeftButton, {}, centre);

  const Job& after = window->state().job();
  CHECK(after.seq != before.seq);
  CHECK(after.seq.count() % 256 == 0);
  CHECK(has_shown_label(*window, tokens_text(after.seq)));
  auto& view = window->view<BreakdownView>();
  CHECK(view.predictions()[2].breakdown->seq == after.seq);
  while (window->state().can_undo()) window->state().undo();
  CHECK(window->state().job() == before);
}

TEST_CASE("changing the method by the panel changes the answer and which fields there are") {
  ShownWindow window;
  CHECK_FALSE(window.child<QWidget>("ffn-chunk").isVisible());
  window.choose("method", "mst");
  CHECK(window->state().job().method.name == "mst");
  CHECK(window.child<QWidget>("ffn-chunk").isVisible());
  CHECK(has_shown_label(*window, "with mst"));
}

TEST_CASE("devices typed in the panel are arranged, and arranged again for another method") {
  ShownWindow window;
  auto& devices = window.child<QLineEdit>("devices");
  devices.setFocus();
  devices.selectAll();
  QTest::keyClicks(&devices, "8");
  QTest::keyClick(&devices, Qt::Key_Return);
  CHECK(rank_count(window->state().job().degrees) == 8);
  CHECK(has_shown_label(*window, "on 8 A100-80GB"));
  window.choose("method", "ring");
  devices.setFocus();
  QTest::keyClick(&devices, Qt::Key_Return);
  CHECK(window->state().job().degrees.sequence == 1);
  auto* arrange = window->findChild<QPushButton*>("arrange");
  REQUIRE(arrange != nullptr);
  arrange->click();
  CHECK(window->state().job().degrees == Degrees{.sequence = 8});
  CHECK(devices.text() == "8");
}

TEST_CASE("degrees, nodes and host memory are in the panel wherever they make a difference") {
  ShownWindow window;
  for (const char* name : {"data-parallel", "tensor-parallel", "pipeline-parallel"}) {
    CHECK(window.child<QWidget>(name).isVisibleTo(&*window));
  }
  for (const char* name : {"nodes", "host-memory", "sequence-parallel", "ulysses-parallel"}) {
    CHECK_FALSE(window.child<QWidget>(name).isVisibleTo(&*window));
  }
  window.choose("method", "alst");
  for (const char* name : {"nodes", "host-memory", "sequence-parallel"}) {
    CHECK(window.child<QWidget>(name).isVisibleTo(&*window));
  }
  window->state().set_field(job_field("sequence-parallel"), "4");
  window.choose("method", "ring-ulysses");
  CHECK(window.child<QWidget>("ulysses-parallel").isVisibleTo(&*window));
  window.choose("method", "flash");
  CHECK(has_shown_label(*window, "refused"));
  CHECK(window.child<QWidget>("sequence-parallel").isVisibleTo(&*window));
}

TEST_CASE("a segment of the host's bar shows the tensors that wait there") {
  ShownWindow window;
  window->state().set_method("alst");
  window->state().set_devices("8");
  auto& view = window->view<BreakdownView>();
  const Scene& scene = view.plot().scene();
  const auto name = std::find(scene.x.names.begin(), scene.x.names.end(), "alst\nhost");
  REQUIRE(name != scene.x.names.end());
  const auto index = int(name - scene.x.names.begin());
  Bytes shown;
  for (int series = 0; series < int(scene.bars.size()); ++series) {
    Q_EMIT view.plot().picked({series, index, 0, 0});
    for (const sim::LiveTensor& tensor : view.tensors().rows()) shown += tensor.total;
  }
  CHECK(shown == predict(window->state().job()).breakdown->host.allocated);
  CHECK(has_shown_label(*window, "on the host at its peak"));
}

TEST_CASE("a combination that makes no sense is drawn as refused, with the reason above the tabs") {
  ShownWindow window;
  window->state().set_method("vanilla");
  window->state().set_field(job_field("feed-forward"), "blockwise");
  CHECK(has_shown_label(*window, "Blockwise feed-forward is fused with attention"));
  CHECK(has_shown_label(*window, "refused"));
}

TEST_CASE("a broken config.json is told in a sentence and changes nothing") {
  const Folder folder;
  ShownWindow window;
  const Job before = window->state().job();
  const QString path = folder.with("config.json", "{\"hidden_size\": 4096");
  window->open_model(path);
  CHECK(window->message().contains("config.json"));
  CHECK(window->state().job() == before);
  CHECK_FALSE(window->state().can_undo());
  window->open_model(QStringLiteral(HEADROOM_CONFIG));
  CHECK(window->state().job().model.hidden == 4096);
}

TEST_CASE("a memory budget takes the place of a device") {
  ShownWindow window;
  const Job before = window->state().job();
  window->set_budget("plenty");
  CHECK_FALSE(window->message().isEmpty());
  CHECK(window->state().job() == before);
  window->set_budget("40GiB");
  CHECK(window->state().job().device == budget_device(40_GiB));
  CHECK(has_shown_label(*window, "within 40.00 GiB"));
}

TEST_CASE("a config.json that is dropped on the window is the model") {
  ShownWindow window;
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(QStringLiteral(HEADROOM_CONFIG))});
  QDragEnterEvent enter({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(&*window, &enter);
  CHECK(enter.isAccepted());
  QDropEvent drop({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(&*window, &drop);
  CHECK(window->state().document().model_source == HEADROOM_CONFIG);
}

TEST_CASE("a length that is none is refused where it is typed") {
  ShownWindow window;
  const Job before = window->state().job();
  QLineEdit& entry = window->panel().length().entry();
  entry.setText("many");
  QTest::keyClick(&entry, Qt::Key_Return);
  CHECK_FALSE(window->message().isEmpty());
  CHECK(window->state().job() == before);
  entry.setText("1M");
  QTest::keyClick(&entry, Qt::Key_Return);
  CHECK(window->state().job().seq == Tokens(1 << 20));
  CHECK(window->message().isEmpty());
}

TEST_CASE("every tab writes its picture in each format and its data as CSV") {
  const Folder folder;
  ShownWindow window;
  window->view<RecordsView>().open_records({QStringLiteral(HEADROOM_RECORDS)});
  for (View* view : window->views()) {
    INFO(view->name().toStdString());
    window->show_tab(view->name());
    REQUIRE(wait_until([view] { return !view->is_busy(); }));
    QTest::qWait(20);
    for (const QString ending : {".png", ".svg", ".pdf", ".csv"}) {
      const QString path = folder.file(view->name() + ending);
      if (ending == ".csv") {
        window->export_data(path);
      } else {
        window->export_picture(path);
      }
      CHECK(window->message().isEmpty());
      CHECK(content_of(path).size() > 100);
    }
    const CsvTable data = view->data();
    CHECK_FALSE(data.rows.empty());
    for (const QStringList& row : data.rows) CHECK(row.size() == data.header.size());
  }
}

TEST_CASE("opened records are shown as rows, and a row as measured beside predicted") {
  ShownWindow window;
  window->show_tab("records");
  auto& view = window->view<RecordsView>();
  view.open_records({QStringLiteral(HEADROOM_RECORDS)});
  REQUIRE(wait_until([&] { return !view.is_busy(); }));
  REQUIRE(view.table().rowCount() > 0);
  const int last = view.table().rowCount() - 1;
  view.rows_view().selectRow(last);
  const int shown = view.rows_view().source_row(view.rows_view().currentIndex());
  CHECK(view.figures().rowCount() == int(checked_rows(view.table().row_at(shown).check).size()));
}

TEST_CASE("a picture that was made while its tab was hidden fills the tab when it is shown") {
  ShownWindow window;
  auto& view = window->view<RecordsView>();
  view.open_records({QStringLiteral(HEADROOM_RECORDS)});
  REQUIRE(wait_until([&] { return !view.is_busy(); }));
  window->show_tab("records");
  QTest::qWait(20);
  const QImage shown = view.plot().grab().toImage();
  view.plot().set_scene(Scene(view.plot().scene()));
  QTest::qWait(20);
  CHECK(view.plot().grab().toImage() == shown);
}

TEST_CASE("a point that is chosen chooses its record's row, however the rows are sorted") {
  ShownWindow window;
  window->show_tab("records");
  auto& view = window->view<RecordsView>();
  view.open_records({QStringLiteral(HEADROOM_RECORDS)});
  REQUIRE(wait_until([&] { return !view.is_busy(); }));
  view.rows_view().sortByColumn(0, Qt::DescendingOrder);
  for (const Hit& hit : {Hit{0, 3, 0, 0}, Hit{1, 0, 0, 0}}) {
    Q_EMIT view.plot().picked(hit);
    const QModelIndex now = view.rows_view().currentIndex();
    const auto place = static_cast<std::size_t>(view.rows_view().source_row(now));
    const Scene& scene = view.plot().scene();
    const sim::Check& check = view.table().row_at(static_cast<int>(place)).check;
    const auto measured = double((hit.series == 0 ? check.total : check.witness.value()).measured.count());
    CHECK(measured == scene.points[std::size_t(hit.series)].y[std::size_t(hit.index)]);
    CHECK(view.figures().rowCount() == int(checked_rows(check).size()));
  }
}

TEST_CASE("a thousand records leave the window responsive") {
  const Folder folder;
  const QDir source(QStringLiteral(HEADROOM_RECORDS));
  const QByteArray record = content_of(source.filePath(source.entryList({"*.json"}, QDir::Files).first()));
  for (int i = 0; i < 1000; ++i) (void)folder.with(QStringLiteral("%1.json").arg(i, 4), record);
  ShownWindow window;
  window->show_tab("records");
  auto& view = window->view<RecordsView>();
  view.open_records({folder.path()});
  int rounds = 0;
  REQUIRE(wait_until([&] {
    ++rounds;
    return !view.is_busy();
  }));
  CHECK(rounds > 1);
  CHECK(view.table().rowCount() == 1000);
}

TEST_CASE("work that was superseded delivers nothing, the latest does") {
  ShownWindow window;
  window->show_tab("timeline");
  auto& view = window->view<TimelineView>();
  for (std::int64_t i = 1; i <= 20; ++i) window->state().set_seq(Tokens(256 * i));
  REQUIRE(wait_until([&] { return !view.is_busy(); }));
  CHECK(view.timeline().job == window->state().job());
}

TEST_CASE("a file that is dropped or opened is a job or a model") {
  const Folder folder;
  ShownWindow window;
  Job job = window->state().job();
  job.batch = 3;
  const QString path = folder.with("job.json", QByteArray::fromStdString(job_to_json(job)));
  window->open_job(path);
  CHECK(window->state().job() == job);
  CHECK(window->windowTitle().contains("job.json"));
  window->state().set_method("bpt");
  CHECK(window->isWindowModified());
  window->save_job(path);
  CHECK_FALSE(window->isWindowModified());
  CHECK(read_job(to_utf8(path)).value.method.name == "bpt");
}

TEST_CASE("a kept job is compared with the one that is edited") {
  ShownWindow window;
  window->show_tab("compare");
  auto& view = window->view<ComparisonView>();
  view.keep(window->state().job());
  CHECK(view.comparison().settings.empty());
  window->state().set_method("mst");
  CHECK_FALSE(view.comparison().settings.empty());
  CHECK(view.terms().rowCount() > 0);
}

TEST_CASE("every choice of the panel can be reached by keyboard") {
  ShownWindow window;
  for (const JobField& field : job_fields()) {
    const auto& editor = window.child<QWidget>(to_qt(field.name));
    REQUIRE(editor.focusProxy() != nullptr);
    CHECK((editor.focusProxy()->focusPolicy() & Qt::TabFocus) != 0);
  }
  for (const char* name : {"model", "hardware", "devices", "arrange", "method", "seq", "seq-slider"}) {
    CHECK((window.child<QWidget>(name).focusPolicy() & Qt::TabFocus) != 0);
  }
}
