#include <QComboBox>
#include <QSpinBox>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "app/main_window.h"
#include "application.h"
#include "model/job_state.h"
#include "model/prediction.h"
#include "model/scaling.h"
#include "model/text.h"
#include "program.h"
#include "views/scaling_view.h"

using namespace headroom;
using namespace headroom::gui;
using namespace headroom::gui::test;

namespace {

bool go_on(double /*share*/) { return true; }

ScalingRequest request_for(std::vector<std::string> methods, std::int64_t most) {
  return {first_document().job, std::move(methods), most, 8, std::nullopt};
}

Scaling scaling_for(const ScalingRequest& request) {
  const auto found = find_scaling(request, go_on);
  REQUIRE(found);
  return *found;
}

/// What `headroom max-context --devices` answers about one cell, its method by name.
QJsonObject ask_about_cell(const ScalingRequest& request, const std::string& method, std::int64_t devices) {
  const Folder folder;
  const QString path = folder.with("job.json", QByteArray::fromStdString(job_to_json(request.job)));
  const std::int64_t nodes = (devices + request.devices_per_node - 1) / request.devices_per_node;
  QStringList words{
      "max-context",         "--job", path, "--method", to_qt(method), "--devices", QString::number(devices), "--nodes",
      QString::number(nodes)};
  if (request.sharding) words += {"--sharding", to_qt(name_of(*request.sharding))};
  return ask_program(words);
}

}  // namespace

TEST_CASE("device counts are the powers of two up to the largest, and the largest") {
  CHECK(device_counts(1) == std::vector<std::int64_t>{1});
  CHECK(device_counts(8) == std::vector<std::int64_t>{1, 2, 4, 8});
  CHECK(device_counts(12) == std::vector<std::int64_t>{1, 2, 4, 8, 12});
}

TEST_CASE("every bar is the answer of headroom max-context on so many devices, its degrees too") {
  ScalingRequest request = request_for({"flash", "ring", "ulysses", "alst"}, 8);
  request.job.host_memory = 200_GiB;
  request.devices_per_node = 4;
  for (const std::optional<StateSharding> sharding : {std::optional<StateSharding>(), {StateSharding::zero3}}) {
    request.sharding = sharding;
    const Scaling scaling = scaling_for(request);
    const Scene scene = scaling_scene(scaling);
    REQUIRE(scaling.groups.size() == 4);
    for (std::size_t g = 0; g < scaling.groups.size(); ++g) {
      for (std::size_t m = 0; m < request.methods.size(); ++m) {
        const ScalingCell& cell = scaling.groups[g].cells[m];
        INFO(request.methods[m] << " on " << scaling.groups[g].devices);
        const QJsonObject answer =
            ask_about_cell(request, request.methods[m], scaling.groups[g].devices)["results"].toArray()[0].toObject();
        REQUIRE(cell.fits());
        CHECK(scene.bars[m].values[g] == double(integer(answer["max_context_tokens"])));
        CHECK(rank_count(cell.job.degrees) == scaling.groups[g].devices);
        const QString text = scene.readout({int(m), int(g), 0, 0});
        CHECK(text.contains(tokens_text(cell.longest->tokens)));
        CHECK(text.contains(to_qt(format_degrees(cell.job))));
      }
    }
  }
}

TEST_CASE("methods that share sequences get further on more devices") {
  ScalingRequest request = request_for({"ring"}, 16);
  request.sharding = StateSharding::zero3;
  const Scaling scaling = scaling_for(request);
  for (std::size_t i = 1; i < scaling.groups.size(); ++i) {
    CHECK(scaling.groups[i].cells[0].longest->tokens > scaling.groups[i - 1].cells[0].longest->tokens);
    CHECK(scaling.groups[i].cells[0].job.degrees.sequence == scaling.groups[i].devices);
  }
}

TEST_CASE("a refused combination has a sign in the place of its bar, and the reason as its readout") {
  ScalingRequest request = request_for({"flash", "ring"}, 4);
  request.job.degrees.pipeline = 4;
  request.job.micro_batches = 4;
  const Scaling scaling = scaling_for(request);
  const Scene scene = scaling_scene(scaling);
  REQUIRE(scene.points.size() == 1);
  CHECK(scene.points[0].name == "refused");
  std::size_t signs = 0;
  for (std::size_t g = 0; g < scaling.groups.size(); ++g) {
    for (std::size_t m = 0; m < 2; ++m) {
      const ScalingCell& cell = scaling.groups[g].cells[m];
      CHECK(cell.refused.isEmpty() == (scaling.groups[g].devices == 4));
      if (cell.refused.isEmpty()) continue;
      CHECK(cell.refused.startsWith("The number of devices is "));
      CHECK(scene.readout({int(m), int(g), 0, 0}).contains(cell.refused.toHtmlEscaped()));
      CHECK(scene.bars[m].values[g] == scene.y.lower);
      const double x = scene.points[0].x[signs++];
      CHECK(std::abs(x - double(g)) < kBarWidth / 2);
      CHECK((x > double(g)) == (m == 1));
    }
  }
  CHECK(signs == scene.points[0].x.size());
}

TEST_CASE("a method that makes no sense with the job carries the sentence of its refusal") {
  ScalingRequest request = request_for({"vanilla"}, 2);
  request.job.method = method_preset("vanilla").method;
  request.job.method.feed_forward = FeedForward::blockwise;
  const Scaling scaling = scaling_for(request);
  for (const ScalingGroup& group : scaling.groups) {
    CHECK(group.cells[0].refused == capitalised(refusal(group.cells[0].job)));
    CHECK(group.cells[0].refused.contains("fused with attention"));
  }
}

TEST_CASE("where nothing fits the readout says what is missing, and no bar is drawn") {
  ScalingRequest request = request_for({"vanilla", "ring"}, 2);
  request.job.device = budget_device(4_GiB);
  const Scaling scaling = scaling_for(request);
  const Scene scene = scaling_scene(scaling);
  const ScalingCell& cell = scaling.groups[0].cells[0];
  CHECK(cell.refused.isEmpty());
  CHECK_FALSE(cell.fits());
  CHECK(scene.readout({0, 0, 0, 0}).contains("Nothing fits: even 256 tokens lack"));
  CHECK(scene.readout({0, 0, 0, 0}).contains(bytes_text(cell.longest->shortfall)));
  REQUIRE(scene.points.size() == 1);
  CHECK(scene.points[0].name == "nothing fits");
  CHECK(scene.points[0].x.size() == 4);
}

TEST_CASE("host memory that ends a method's context is said in its cell") {
  ScalingRequest request = request_for({"alst"}, 8);
  request.job.host_memory = 120_GiB;
  const Scaling scaling = scaling_for(request);
  const ScalingCell& cell = scaling.groups.back().cells[0];
  REQUIRE(cell.longest->host);
  REQUIRE(cell.longest->host->binds);
  const QString text = cell_lines(cell).join(QLatin1Char('\n'));
  CHECK(text.contains("bound by host memory"));
  CHECK(text.contains("host memory " + bytes_text(cell.longest->host->needed) + " of " + bytes_text(120_GiB)));
  const CsvTable table = scaling_csv(scaling);
  CHECK(table.rows.back()[table.header.indexOf("binding")] == "host-memory");
}

TEST_CASE("more devices a node leave less host memory for each") {
  ScalingRequest request = request_for({"alst"}, 16);
  request.job.host_memory = 120_GiB;
  request.devices_per_node = 4;
  const Scaling few = scaling_for(request);
  CHECK(few.groups.back().cells[0].job.nodes == 4);
  request.devices_per_node = 16;
  const Scaling many = scaling_for(request);
  CHECK(many.groups.back().cells[0].job.nodes == 1);
  CHECK(many.groups.back().cells[0].longest->tokens < few.groups.back().cells[0].longest->tokens);
}

TEST_CASE("the picture of devices stops when nobody waits, and without methods says what to do") {
  CHECK_FALSE(find_scaling(request_for({"ring"}, 8), [](double) { return false; }));
  CHECK_FALSE(scaling_scene(scaling_for(request_for({}, 8))).empty.isEmpty());
}

TEST_CASE("an edited method stands in the place of its preset on devices, too") {
  ScalingRequest request = request_for({"flash", "ring"}, 2);
  request.job.method.head = Head::chunked;
  const Scaling scaling = scaling_for(request);
  CHECK(scaling.methods == std::vector<QString>{"flash, edited", "ring"});
  CHECK(scaling.groups[0].cells[0].job.method == request.job.method);
}

TEST_CASE("the tab of devices follows its controls and says what the chosen bar means") {
  application();
  MainWindow window;
  window.show();
  window.show_tab("devices");
  auto& view = window.view<ScalingView>();
  const auto is_done = [&view] { return !view.is_busy(); };
  REQUIRE(wait_until(is_done));
  CHECK(view.result().groups.back().devices == 64);
  CHECK(view.sentence().contains("Flash on 64: "));

  auto* most = view.findChild<QSpinBox*>("most-devices");
  most->stepDown();
  REQUIRE(wait_until(is_done));
  CHECK(view.result().groups.back().devices == 32);
  view.findChild<QComboBox*>("scaling-sharding")->setCurrentText("zero3");
  REQUIRE(wait_until(is_done));
  CHECK(view.result().groups.back().cells[0].job.method.sharding == StateSharding::zero3);

  Q_EMIT view.plot().picked({0, 0, 0, 0});
  CHECK(view.sentence().startsWith("Vanilla on 1: "));
  auto* per_node = view.findChild<QSpinBox*>("devices-per-node");
  CHECK_FALSE(per_node->isVisible());
  window.state().set_method("alst");
  CHECK(per_node->isVisible());
}
