#include <QComboBox>
#include <QLineEdit>
#include <QListWidget>

#include <headroom/models/error.h>
#include <headroom/models/job_change.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "app/main_window.h"
#include "application.h"
#include "model/job_state.h"
#include "model/sweep.h"
#include "model/text.h"
#include "program.h"
#include "views/sweep_view.h"

using namespace headroom;
using namespace headroom::gui;
using namespace headroom::gui::test;

namespace {

bool go_on(double /*share*/) { return true; }

Job first_job() { return first_document().job; }

Variation varied(std::string_view text) {
  JobChange change = parse_change(text, "--vary");
  const QString title = axis_title(change.name);
  return read_variation(std::move(change.name), change.value, to_utf8(title));
}

/// The last of `changes` has the colours.
SweepRequest request_for(const Job& job, std::vector<std::string_view> changes, Asked asked = Asked::longest_context) {
  SweepRequest request{job, {}, varied(changes.back()), asked};
  changes.pop_back();
  for (const std::string_view change : changes) request.groups.push_back(varied(change));
  return request;
}

Sweep answered(const SweepRequest& request) {
  const auto sweep = answer_sweep(plan_sweep(request), go_on);
  REQUIRE(sweep);
  return *sweep;
}

std::string refusal_of(const SweepRequest& request) {
  try {
    (void)plan_sweep(request);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

/// What `headroom sweep` prints for the same job and variations.
QString printed(Job job, const QStringList& changes, Asked asked) {
  if (asked == Asked::longest_context) job.seq = Tokens(0);
  const Folder folder;
  const QString path = folder.with("job.json", QByteArray::fromStdString(job_to_json(job)));
  QStringList words{"sweep", "--job", path, "--format", "csv"};
  for (const QString& change : changes) words << "--vary" << change;
  return print_with_program(words);
}

/// The tab of sweeps in a window that is seen.
class ShownSweep {
 public:
  ShownSweep() {
    application();
    window_ = std::make_unique<MainWindow>();
    window_->show();
    window_->show_tab("sweep");
    settle();
  }
  MainWindow& window() { return *window_; }
  SweepView& view() { return window_->view<SweepView>(); }
  void settle() {
    REQUIRE(wait_until([this] { return !view().is_busy(); }));
  }
  /// Types values as a user does.
  void type(const QString& line, const QString& values) {
    auto* edit = view().findChild<QLineEdit*>(line);
    REQUIRE(edit != nullptr);
    edit->selectAll();
    edit->insert(values);
    Q_EMIT edit->editingFinished();
    settle();
  }
  QString sentence() { return view().plot().scene().empty; }

 private:
  std::unique_ptr<MainWindow> window_;
};

}  // namespace

TEST_CASE("a sweep finds the longest contexts of headroom max-context") {
  const Job job = first_job();
  const Sweep sweep =
      answered(request_for(job, {"model=gpt2,llama-2-7b", "hardware=A100-80GB,RTX-4090", "method=flash,mst"}));
  const Scene scene = sweep_scene(sweep);
  REQUIRE(scene.x.names.size() == 4);
  for (std::size_t i = 0; i < sweep.answers.size(); ++i) {
    const std::vector<std::size_t> values = sweep.values_of(i);
    Job asked = job;
    asked.model = model_preset(to_utf8(sweep.axes[0].values[values[0]]));
    asked.device = device_preset(to_utf8(sweep.axes[1].values[values[1]]));
    asked.method = method_preset(to_utf8(sweep.axes[2].values[values[2]])).method;
    const QJsonObject answer = ask_about("max-context", asked)["results"].toArray()[0].toObject();
    const auto tokens = double(integer(answer["max_context_tokens"]));
    CHECK(double(sweep.answers[i].seq.count()) == tokens);
    CHECK(scene.bars[i % 2].values[i / 2] == (tokens > 0 ? tokens : scene.y.lower));
  }
}

TEST_CASE("the bars of any fields are what a predictor of each job answers") {
  const Job job = first_job();
  const std::vector<std::int64_t> batches{1, 2, 4};
  const std::vector<Precision> precisions{Precision::fp32, Precision::bf16};
  const Scene longest = sweep_scene(answered(request_for(job, {"batch=1:4:*2", "precision=fp32,bf16"})));
  const Scene peak = sweep_scene(answered(request_for(job, {"batch=1,2,4", "precision=fp32,bf16"}, Asked::peak)));
  CHECK(longest.y.scale == Scale::logarithmic);
  REQUIRE(peak.limits.size() == 1);
  CHECK(peak.limits[0].value == double(job.device.capacity.bytes.count()));
  for (std::size_t group = 0; group < batches.size(); ++group) {
    for (std::size_t one = 0; one < precisions.size(); ++one) {
      Job asked = job;
      asked.batch = batches[group];
      asked.precision = precisions[one];
      const sim::Predictor predictor(asked);
      const std::int64_t tokens = sim::longest_context(predictor, sim::Grid{}).count();
      CHECK(longest.bars[one].values[group] == (tokens > 0 ? double(tokens) : longest.y.lower));
      CHECK(peak.bars[one].values[group] == double(predictor.breakdown(job.seq).device.count()));
    }
  }
}

TEST_CASE("the data of a sweep is what headroom sweep prints, refusals too") {
  Job job = first_job();
  job.host_memory = 300_GiB;
  for (const Asked asked : {Asked::longest_context, Asked::peak}) {
    const QStringList changes{"attention=vanilla,flash", "offload-checkpoints=false,true",
                              "feed-forward=whole,blockwise"};
    const Sweep sweep = answered(request_for(
        job, {"attention=vanilla,flash", "offload-checkpoints=false,true", "feed-forward=whole,blockwise"}, asked));
    CHECK(to_utf8(sweep_csv(sweep).text()) == to_utf8(printed(job, changes, asked)));
  }
}

TEST_CASE("lengths that vary are groups like others, in their place") {
  const Job job = first_job();
  const Sweep sweep = answered(request_for(job, {"seq=8K:32K:*2", "batch=1,2"}, Asked::peak));
  const Scene scene = sweep_scene(sweep);
  CHECK(scene.x.names == std::vector<QString>{"8,192 (8K)", "16,384 (16K)", "32,768 (32K)"});
  for (std::size_t i = 0; i < sweep.answers.size(); ++i) {
    Job asked = job;
    asked.batch = i % 2 == 0 ? 1 : 2;
    const Tokens seq(std::int64_t{8192} << (i / 2));
    CHECK(sweep.answers[i].seq == seq);
    CHECK(sweep.answers[i].device == sim::Predictor(asked).breakdown(seq).device);
  }
  CHECK(refusal_of(request_for(job, {"seq=8K", "batch=1"})).starts_with("Sequence length does not vary"));
}

TEST_CASE("a refused combination of a sweep is a sign with its sentence, never a bar") {
  const Job job = first_job();
  for (const Asked asked : {Asked::longest_context, Asked::peak}) {
    const Sweep sweep = answered(request_for(job, {"attention=vanilla,flash", "feed-forward=whole,blockwise"}, asked));
    const Scene scene = sweep_scene(sweep);
    Job refused = job;
    refused.method.attention = Attention::vanilla;
    refused.method.feed_forward = FeedForward::blockwise;
    const QString sentence = capitalised(refusal(refused));
    REQUIRE_FALSE(sentence.isEmpty());
    CHECK(scene.bars[1].values[0] == scene.y.lower);
    CHECK(scene.readout({1, 0, 0, 0}).contains(sentence.toHtmlEscaped()));
    CHECK_FALSE(scene.readout({0, 0, 0, 0}).contains("refused"));
    REQUIRE_FALSE(scene.points.empty());
    CHECK(scene.points[0].name == "refused");
    CHECK(scene.points[0].x.size() == 1);
    CHECK(scene.points[0].y[0] > scene.y.lower);
  }
}

TEST_CASE("a peak that does not fit has a sign on its bar, and a length where nothing fits has one in its place") {
  const Job job = first_job();
  const Sweep peaks = answered(request_for(job, {"batch=1,64", "precision=bf16"}, Asked::peak));
  const Scene scene = sweep_scene(peaks);
  REQUIRE(scene.points.size() == 1);
  CHECK(scene.points[0].name == "does not fit");
  CHECK(scene.points[0].x == std::vector<double>{1});
  CHECK(scene.points[0].y[0] > scene.bars[0].values[1]);
  CHECK(scene.readout({0, 0, 0, 0}).contains(": fits"));
  CHECK(scene.readout({0, 1, 0, 0}).contains(": does not fit"));

  Job small = job;
  small.device = budget_device(4_GiB);
  const Scene nothing = sweep_scene(answered(request_for(small, {"batch=1,2", "precision=bf16"})));
  REQUIRE(nothing.points.size() == 1);
  CHECK(nothing.points[0].name == "nothing fits");
  CHECK(nothing.bars[0].values == std::vector<double>(2, nothing.y.lower));
  CHECK(nothing.readout({0, 0, 0, 0}).contains("nothing fits"));
}

TEST_CASE("an edited method takes the place of its preset in a sweep, and one of no preset comes behind them") {
  Job job = first_job();
  job.method.head = Head::chunked;
  const Sweep edited = answered(request_for(job, {"batch=1,2", "method=vanilla,flash"}));
  CHECK(edited.axes[1].values == std::vector<QString>{"vanilla", "flash, edited"});
  CHECK(edited.answers[1].seq == sim::longest_context(sim::Predictor(job), sim::Grid{}));
  job.method.name.clear();
  const Sweep custom = answered(request_for(job, {"batch=1,2", "method=vanilla,flash"}));
  CHECK(custom.axes[1].values == std::vector<QString>{"vanilla", "flash", "custom"});
  CHECK(custom.answers[2].seq == edited.answers[1].seq);
}

TEST_CASE("fields of one method are set behind the method that a sweep brings") {
  const Job job = first_job();
  const Sweep sweep = answered(request_for(job, {"head=dense-fp32,chunked", "method=flash,mst"}));
  Job asked = job;
  asked.method = method_preset("mst").method;
  asked.method.head = Head::dense_fp32;
  CHECK(sweep.answers[1].seq == sim::longest_context(sim::Predictor(asked), sim::Grid{}));
}

TEST_CASE("what cannot be a picture is a sentence, before anything is computed") {
  const Job job = first_job();
  CHECK(refusal_of(request_for(job, {"batch=1,2", "batch=4"})).starts_with("Batch is chosen twice"));
  CHECK(refusal_of(request_for(job, {"precision=bf16", "batch=1:20:+1"})).starts_with("Batch: 20 colours"));
  CHECK(refusal_of(request_for(job, {"batch=1:1099511627776:+1", "precision=bf16"})).starts_with("more than 150 bars"));
  CHECK(refusal_of(request_for(job, {"batch=1:200:+1", "precision=fp32,bf16"})).starts_with("more than 150 bars"));
  CHECK(refusal_of(request_for(job, {"recompute=none,every:0", "precision=bf16"})).starts_with("Recompute"));
  CHECK(refusal_of(request_for(job, {"batch=1,2", "precision=bf16"})).empty());
}

TEST_CASE("a sweep stops when nobody waits") {
  const SweepPlan plan = plan_sweep(request_for(first_job(), {"batch=1,2", "precision=bf16"}));
  CHECK_FALSE(answer_sweep(plan, [](double) { return false; }));
}

TEST_CASE("everything that can be set of a job can vary, beginning with the values that stand there") {
  ShownSweep shown;
  auto* box = shown.view().findChild<QComboBox*>("sweep-groups-axis");
  REQUIRE(box != nullptr);
  const std::vector<std::string_view> names = change_names();
  REQUIRE(box->count() == int(names.size()));
  shown.view().ask(Asked::peak);
  for (std::size_t i = 0; i < names.size(); ++i) {
    INFO(names[i]);
    CHECK(box->itemText(int(i)) == axis_title(names[i]));
    box->setCurrentIndex(int(i));
    shown.settle();
    const Sweep& sweep = shown.view().result();
    CHECK(sweep.answers.empty() == (names[i] == "method"));  // which has the colours
    CHECK(shown.sentence().isEmpty() == !sweep.answers.empty());
  }
}

TEST_CASE("values that are none are told in the picture's place, and good ones bring it back") {
  ShownSweep shown;
  shown.view().vary({"batch=1,2", "precision=fp32,bf16"});
  shown.settle();
  CHECK(shown.view().result().answers.size() == 4);
  for (const char* values : {"8:1:*2", "two", "1,,2", "", "0", "1:8", "99999999999999999999"}) {
    INFO(values);
    shown.type("sweep-groups-batch", values);
    CHECK(shown.sentence().contains("Batch"));
    CHECK(shown.view().result().answers.empty());
    CHECK(shown.view().data().rows.empty());
  }
  shown.type("sweep-groups-batch", "1, 2, 4");
  CHECK(shown.sentence().isEmpty());
  CHECK(shown.view().result().answers.size() == 6);
}

TEST_CASE("of sweeps that follow each other the latest is shown") {
  ShownSweep shown;
  shown.view().ask(Asked::peak);
  for (std::int64_t i = 1; i <= 20; ++i) shown.window().state().set_seq(Tokens(256 * i));
  shown.settle();
  CHECK(shown.view().result().seq == Tokens(256 * 20));
  for (const sim::SweepAnswer& answer : shown.view().result().answers) CHECK(answer.seq == Tokens(256 * 20));
}

TEST_CASE("ticks follow the job until the user sets others") {
  ShownSweep shown;
  auto* methods = shown.view().findChild<QListWidget*>("sweep-series-method");
  REQUIRE(methods != nullptr);
  const auto state_of = [methods](const char* name) {
    return methods->findItems(name, Qt::MatchExactly)[0]->checkState();
  };
  CHECK(state_of("ring") == Qt::Unchecked);
  shown.window().state().set_devices("8");
  shown.window().state().set_method("ring");
  shown.window().state().set_devices("8");
  shown.settle();
  CHECK(state_of("ring") == Qt::Checked);
  methods->findItems("lss", Qt::MatchExactly)[0]->setCheckState(Qt::Unchecked);
  shown.window().state().set_devices("1");
  shown.settle();
  CHECK(state_of("ring") == Qt::Checked);
  CHECK(state_of("lss") == Qt::Unchecked);
}

TEST_CASE("a sweep is set from the command line's words, and mistakes in them are sentences") {
  ShownSweep shown;
  SweepView& view = shown.view();
  view.vary({"hardware=A100-80GB,H200", "batch=1,2", "recompute=none,full"});
  view.ask(Asked::peak);
  shown.settle();
  CHECK(view.result().asked == Asked::peak);
  CHECK(view.result().answers.size() == 8);
  CHECK_THROWS_AS(view.vary({"colour=red"}), InputError);
  CHECK_THROWS_AS(view.vary({"precision=fp33"}), InputError);
  CHECK_THROWS_AS(view.vary({"batch"}), InputError);
  CHECK_THROWS_AS(view.vary({"batch=1", "seq=1", "prefetch=1", "nodes=1"}), InputError);
}
