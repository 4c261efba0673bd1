#include <algorithm>
#include <map>

#include <headroom/models/presets.h>

#include "application.h"
#include "model/colours.h"
#include "model/comparison.h"
#include "model/job_state.h"
#include "model/text.h"

using namespace headroom;
using namespace headroom::gui;

namespace {

Job first_job() { return first_document().job; }

Job with_method(Job job, std::string_view name) {
  job.method = method_preset(name).method;
  return job;
}

Job offloading_job() {
  Job job = with_method(first_job(), "alst");
  job.degrees.sequence = 8;
  return job;
}

using Held = std::map<std::pair<Category, std::string>, double>;

/// The bytes of every tensor name that a job's explanation lists.
Held held_by(const Job& job) {
  Held held;
  for (const sim::LiveTensor& tensor : sim::Predictor(job).explain(job.seq).tensors) {
    held[{tensor.category, tensor.name}] += double(tensor.total.count());
  }
  return held;
}

/// What two jobs both hold of a category's tensors, and what the first holds alone.
struct Parts {
  double both = 0;
  double alone = 0;
};

Parts parts_of(Category category, const Job& job, const Job& other) {
  Parts parts;
  Held others = held_by(other);
  for (const auto& [key, bytes] : held_by(job)) {
    if (key.first != category) continue;
    parts.both += std::min(bytes, others[key]);
    parts.alone += bytes - std::min(bytes, others[key]);
  }
  return parts;
}

/// The height of a colour in a bar; 0: the bar has none of it.
double height(const Scene& scene, const QColor& colour, std::size_t bar) {
  double sum = 0;
  for (const BarSeries& series : scene.bars) sum += series.colour == colour ? series.values[bar] : 0;
  return sum;
}

}  // namespace

TEST_CASE("the terms of a comparison add up to both jobs' memory") {
  const Job job = first_job();
  for (const Job& other : jobs_by_method(job)) {
    const Comparison comparison = compare_jobs(other, job);
    Bytes first;
    Bytes second;
    for (const sim::TermDifference& term : terms_of(comparison)) {
      first += term.first.total;
      second += term.second.total;
    }
    CHECK(first == comparison.first.breakdown->device);
    CHECK(second == comparison.second.breakdown->device);
  }
}

TEST_CASE("what a job holds on the host is compared apart from the device") {
  const Comparison comparison = compare_jobs(first_job(), offloading_job());
  Bytes device;
  Bytes host;
  for (const sim::TermDifference& term : terms_of(comparison)) {
    (term.memory == sim::Memory::host ? host : device) += term.second.total;
  }
  const sim::Breakdown& breakdown = *comparison.second.breakdown;
  CHECK(device == breakdown.device);
  CHECK(host == breakdown.host.allocated);
  const Scene scene = comparison_scene(comparison);
  REQUIRE(scene.x.names == std::vector<QString>{"kept job", "this job", "this job\nhost"});
  double bar = 0;
  for (const BarSeries& series : scene.bars) bar += series.values[2];
  CHECK(bar == double(breakdown.host.allocated.count()));
}

TEST_CASE("a job compared with itself differs in nothing") {
  const Comparison comparison = compare_jobs(first_job(), first_job());
  CHECK(comparison.settings.empty());
  for (const sim::TermDifference& term : terms_of(comparison)) CHECK(term.difference() == Bytes());
}

TEST_CASE("a bar is faint below what both jobs hold, and above has what its job holds alone") {
  const Job kept = with_method(first_job(), "vanilla");
  const Job job = with_method(first_job(), "mst");
  const Scene scene = comparison_scene(compare_jobs(kept, job));
  for (const Category category : {Category::parameters, Category::gradients, Category::optimizer_state,
                                  Category::saved_activations, Category::attention, Category::head_and_loss}) {
    INFO(name_of(category));
    const QColor colour = category_colour(category);
    CHECK(height(scene, faint(colour), 0) == parts_of(category, kept, job).both);
    CHECK(height(scene, faint(colour), 1) == parts_of(category, job, kept).both);
    CHECK(height(scene, colour, 0) == parts_of(category, kept, job).alone);
    CHECK(height(scene, colour, 1) == parts_of(category, job, kept).alone);
  }
}

TEST_CASE("the faint parts of both bars are equal and come before what one job holds alone") {
  const Scene scene = comparison_scene(compare_jobs(with_method(first_job(), "vanilla"), first_job()));
  bool is_alone = false;
  for (const BarSeries& series : scene.bars) {
    if (series.values == std::vector<double>{0, 0}) continue;
    const bool is_faint = series.colour.alpha() < 255;
    if (is_faint) CHECK(series.values[0] == series.values[1]);
    CHECK_FALSE((is_faint && is_alone));
    is_alone = is_alone || !is_faint;
  }
  CHECK(is_alone);
}

TEST_CASE("a segment names the tensors that one job holds and the other does not") {
  const Scene scene = comparison_scene(compare_jobs(with_method(first_job(), "vanilla"), first_job()));
  int seen = 0;
  for (std::size_t i = 0; i < scene.bars.size(); ++i) {
    const bool is_attention = scene.bars[i].colour == category_colour(Category::attention);
    if (!is_attention || scene.bars[i].values[0] == 0) continue;
    const QString text = scene.readout({int(i), 0, 0, 0});
    CHECK(text.contains("attention, the kept job alone: "));
    CHECK(text.contains("attention probabilities: " + bytes_text(64_GiB)));
    ++seen;
  }
  CHECK(seen == 1);
}

TEST_CASE("beside a job that is refused the other stands as it is") {
  Job refused = first_job();
  refused.method.feed_forward = FeedForward::blockwise;
  refused.method.attention = Attention::vanilla;
  const Comparison comparison = compare_jobs(refused, first_job());
  CHECK(terms_of(comparison).empty());
  const Scene scene = comparison_scene(comparison);
  double bar = 0;
  for (const BarSeries& series : scene.bars) bar += series.values[1];
  CHECK(bar == double(comparison.second.breakdown->device.count()));
  CHECK(scene.readout({-1, 0, 0, 0}).contains(to_qt(comparison.first.refused).toHtmlEscaped()));
}
