#include <headroom/models/presets.h>

#include "application.h"
#include "model/breakdown_scene.h"
#include "model/csv.h"
#include "model/curves.h"
#include "model/job_state.h"
#include "model/text.h"
#include "model/timeline.h"
#include "program.h"

using namespace headroom;
using namespace headroom::gui;
using namespace headroom::gui::test;

namespace {

bool go_on(double /*share*/) { return true; }

Job first_job() { return first_document().job; }

/// Two layers: a step that is told in no time.
Job small_job() {
  Job job = first_job();
  job.model.layer_runs = {{2, {0}}};
  job.seq = Tokens(3000);
  return job;
}

}  // namespace

TEST_CASE("the bars are the categories of headroom compare at the same length") {
  const Job job = first_job();
  const std::vector<Stack> stacks = stacks_of(predict_methods(job));
  const Scene scene = stacks_scene(stacks, job.device.capacity.bytes);
  const QJsonArray results = ask_about("compare", job)["results"].toArray();
  REQUIRE(qsizetype(scene.x.names.size()) == results.size());
  const std::vector<Category> categories = categories_in(stacks);
  for (qsizetype i = 0; i < results.size(); ++i) {
    const QJsonObject breakdown = results[i].toObject()["breakdown"].toObject();
    for (std::size_t s = 0; s < scene.bars.size(); ++s) {
      const QJsonValue bytes = breakdown["category_bytes"].toObject()[to_qt(name_of(categories[s]))];
      CHECK(scene.bars[s].values[std::size_t(i)] == double(integer(bytes)));
    }
  }
}

TEST_CASE("a bar is hatched from the capacity to its end exactly where it does not fit") {
  const Job job = first_job();
  const std::vector<Prediction> predictions = predict_methods(job);
  const Scene scene = stacks_scene(stacks_of(predictions), job.device.capacity.bytes);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const auto hatch = std::find_if(scene.hatches.begin(), scene.hatches.end(),
                                    [i](const Hatch& h) { return h.bar == static_cast<int>(i); });
    CHECK((hatch != scene.hatches.end()) == !predictions[i].fits());
    if (hatch == scene.hatches.end()) continue;
    CHECK(hatch->from == double(job.device.capacity.bytes.count()));
    CHECK(hatch->to == double(predictions[i].breakdown->device.count()));
  }
}

TEST_CASE("a job that uses the host has a second bar, of what a rank keeps there") {
  Job job = first_job();
  job.degrees.sequence = 8;
  job.method = method_preset("ulysses").method;
  const std::vector<Prediction> predictions = predict_methods(job);
  const std::vector<Stack> stacks = stacks_of(predictions);
  const Scene scene = stacks_scene(stacks, job.device.capacity.bytes);
  const std::vector<Category> categories = categories_in(stacks);
  std::size_t hosts = 0;
  for (std::size_t i = 0; i < stacks.size(); ++i) {
    if (stacks[i].memory() != sim::Memory::host) continue;
    ++hosts;
    const Prediction& prediction = predictions[stacks[i].of];
    const sim::HostMemory& host = prediction.breakdown->host;
    for (std::size_t s = 0; s < scene.bars.size(); ++s) {
      CHECK(scene.bars[s].values[i] == double(host.categories[categories[s]].count()));
    }
    const QString text = scene.readout({0, int(i), 0, 0});
    CHECK(text.contains(bytes_text(host.allocated)));
    CHECK(text.contains(bytes_text(sim::host_of_node(prediction.job, host.allocated)) + " for the 8 ranks of a node"));
    CHECK(text.contains(to_qt(sim::format_moment(host.moment))));
  }
  const auto uses = [](const Prediction& p) { return p.breakdown && p.breakdown->host.allocated > Bytes(); };
  CHECK(hosts == std::size_t(std::count_if(predictions.begin(), predictions.end(), uses)));
  CHECK(hosts >= 2);
}

TEST_CASE("a host bar is hatched above the rank's share exactly where the node does not fit") {
  Job job = first_job();
  job.degrees.sequence = 8;
  job.method = method_preset("alst").method;
  const Bytes of_rank = predict(job).breakdown->host.allocated;
  for (const Bytes limit : {8 * of_rank, 8 * of_rank - 8_B}) {
    job.host_memory = limit;
    const Prediction prediction = predict(job);
    const Scene scene = stacks_scene(stacks_of({prediction}), job.device.capacity.bytes);
    CHECK(scene.hatches.empty() == prediction.fits());
    if (scene.hatches.empty()) continue;
    CHECK(scene.hatches[0].bar == 1);
    CHECK(scene.hatches[0].from == double(limit.count() / 8));
    CHECK(scene.hatches[0].to == double(of_rank.count()));
    CHECK(scene.hatches[0].label.contains("+8 B"));
  }
}

TEST_CASE("curves are predictions, and their ends are the longest contexts of headroom max-context") {
  const Job job = first_job();
  const Curves curves = predict_curves(job);
  for (const MethodCurve& method : curves.methods) {
    const sim::Predictor predictor(method.prediction.job);
    for (std::size_t i = 0; i < curves.lengths.size(); i += 7) {
      CHECK(method.device[i] == predictor.breakdown(curves.lengths[i]).device);
    }
    const QJsonObject longest = ask_about("max-context", method.prediction.job)["results"].toArray()[0].toObject();
    CHECK(integer(longest["max_context_tokens"]) == method.prediction.longest->tokens.count());
  }
}

TEST_CASE("a crossover is the first length at which one method needs more than the other") {
  std::size_t found = 0;
  for (const std::string_view model : model_names()) {
    for (const RecomputeKind recompute : {RecomputeKind::none, RecomputeKind::selective, RecomputeKind::full}) {
      Job job = first_job();
      job.model = model_preset(model);
      job.recompute.kind = recompute;
      const Curves curves = predict_curves(job);
      for (const Crossover& crossover : curves.crossovers) {
        const sim::Predictor more(curves.methods[crossover.more].prediction.job);
        const sim::Predictor less(curves.methods[crossover.less].prediction.job);
        const Tokens before(crossover.tokens.count() - 1);
        CHECK(more.peak(crossover.tokens).allocated > less.peak(crossover.tokens).allocated);
        CHECK(more.peak(before).allocated <= less.peak(before).allocated);
        ++found;
      }
    }
  }
  CHECK(found > 0);
}

TEST_CASE("the timeline's peak is the breakdown's, to the byte, by every method") {
  for (const Job& job : jobs_by_method(small_job())) {
    const auto timeline = tell_timeline(job, go_on);
    REQUIRE(timeline);
    const sim::Breakdown breakdown = sim::Predictor(job).breakdown(job.seq);
    const InstantPeak& peak = timeline->instants[timeline->peak];
    CHECK(peak.categories == breakdown.categories);
    CHECK(peak.moment == breakdown.moment);
    Bytes live;
    for (const LiveGroup& group : peak.live) live += group.bytes;
    CHECK(live == breakdown.allocated);
  }
}

TEST_CASE("a timeline stops when nobody waits, and says what it cannot show") {
  CHECK_FALSE(tell_timeline(small_job(), [](double) { return false; }));
  Job refused = small_job();
  refused.method.feed_forward = FeedForward::blockwise;
  refused.method.attention = Attention::vanilla;
  CHECK_FALSE(tell_timeline(refused, go_on)->refused.empty());
  Job deep = small_job();
  deep.model.layer_runs = {{1'000'000, {0}}};
  const auto told = tell_timeline(deep, go_on);
  CHECK_FALSE(told->refused.empty());
  CHECK_FALSE(timeline_scene(*told).empty.isEmpty());
}

TEST_CASE("an edited method takes the place of its preset, and says so") {
  Job job = first_job();
  job.method.head = Head::chunked;
  const std::vector<Prediction> predictions = predict_methods(job);
  CHECK(predictions.size() == methods_on({}).size());
  CHECK(method_text(predictions[2].job.method) == "flash, edited");
  CHECK(predictions[2].job.method == job.method);
}

TEST_CASE("fields of CSV with commas, quotes or line breaks are quoted") {
  const CsvTable table{{"a", "b,c"}, {{"1", "say \"x\""}, {"2", "two\nlines"}}};
  CHECK(table.text() == "a,\"b,c\"\r\n1,\"say \"\"x\"\"\"\r\n2,\"two\nlines\"\r\n");
}

TEST_CASE("absurd jobs are drawn as refusals, never as numbers that are none") {
  Job job = first_job();
  job.batch = kMaxSize;
  job.seq = Tokens(kMaxSize);
  const std::vector<Prediction> predictions = predict_methods(job);
  for (const Prediction& prediction : predictions) CHECK_FALSE(prediction.refused.empty());
  const Scene scene = stacks_scene(stacks_of(predictions), job.device.capacity.bytes);
  CHECK(scene.markers.size() == predictions.size());
  CHECK(predict_curves(job).crossovers.empty());
  CHECK_FALSE(tell_timeline(job, go_on)->refused.empty());
}
