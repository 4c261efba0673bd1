#include "catch.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <headroom/models/presets.h>
#include <headroom/sim/check.h>

#include "bench.h"
#include "mutants.h"

namespace headroom {
namespace {

using test::Mistake;
using test::StepEvent;
using test::StepPeak;
using test::Target;

struct Shape {
  std::int64_t seq, hidden, ffn_hidden, vocab;
  RecomputeKind recompute;
};

/// Between them every category stands at some method's peak.
constexpr Shape kShapes[] = {
    {256, 32, 64, 16, RecomputeKind::none},   // attention scores, or what forward keeps
    {96, 32, 512, 16, RecomputeKind::full},   // feed-forward
    {64, 16, 16, 2048, RecomputeKind::full},  // head
    {256, 32, 32, 16, RecomputeKind::full},   // attention working set
    {4, 64, 256, 512, RecomputeKind::full},   // gradients
};

Job job_of(const Method& method, const Shape& shape) {
  Job job;
  job.model.name = "mutants";
  job.model.hidden = shape.hidden;
  job.model.vocab = shape.vocab;
  LayerKind kind;
  kind.heads = kind.kv_heads = 2;
  kind.head_dim = shape.hidden / 2;
  kind.ffn_hidden = shape.ffn_hidden;
  kind.activation = Activation::swiglu;
  job.model.kinds = {kind};
  job.model.layer_runs = {{3, {0}}};
  job.device = budget_device(1_GiB);
  job.method = method;
  job.method.query_chunk = job.method.kv_chunk = job.method.ffn_chunk =
      job.method.head_chunk = {ChunkRule::tokens, Tokens(64)};
  job.recompute = {shape.recompute, 1};
  job.precision = Precision::bf16;
  job.seq = Tokens(shape.seq);
  return job;
}

/// The presets, and the blockwise method that recomputes keys and values.
std::vector<Method> methods() {
  std::vector<Method> list;
  for (const std::string_view name : methods_on(1)) list.push_back(method_preset(name).method);
  list.push_back(method_preset("bpt").method);
  list.back().name = "bpt, key-values recomputed";
  list.back().key_values = KeyValues::recomputed;
  return list;
}

/// Counts mutants that change the peak, and those of them that the check tells.
class Score {
 public:
  void add(const std::string& method, Category category, bool killed) {
    ++total_;
    killed_ += killed ? 1 : 0;
    if (killed) told_[method].insert(category);
  }
  [[nodiscard]] std::int64_t total() const { return total_; }
  [[nodiscard]] std::int64_t killed() const { return killed_; }
  [[nodiscard]] const std::set<Category>& told(const std::string& method) { return told_[method]; }

 private:
  std::int64_t total_ = 0;
  std::int64_t killed_ = 0;
  std::map<std::string, std::set<Category>> told_;
};

/// Whether the check fails and names the category; where the peak has moved elsewhere it names any.
bool is_told(const sim::Check& check, Category category, bool peak_moved) {
  const bool names = std::any_of(check.categories.begin(), check.categories.end(), [&](const sim::CheckedCategory& c) {
    return !c.figure.agrees() && (peak_moved || c.category == category);
  });
  return !check.agrees() && names;
}

/// Makes every mistake with every tensor of `events`; judge(mutant peak) is the check's view of it.
template <class Judge>
void make_mistakes(Score& score, const Job& job, const std::vector<StepEvent>& events, Judge judge) {
  const StepPeak right = test::peak_of(events);
  for (const Target& target : test::targets_of(events)) {
    for (const Mistake mistake : test::kMistakes) {
      const StepPeak wrong = test::peak_of(test::with_mistake(events, target, mistake, true));
      if (wrong.same_bytes(right)) continue;
      const bool killed = is_told(judge(wrong), target.category, wrong.event != right.event);
      score.add(job.method.name, target.category, killed);
      INFO(job.method.name << ": " << target.tensor << ", " << name_of(target.category) << ", mistake "
                           << static_cast<int>(mistake));
      CHECK(killed);
    }
  }
}

std::set<Category> categories_of(const std::vector<StepEvent>& events) {
  std::set<Category> result;
  for (const StepEvent& event : events) result.insert(event.category);
  return result;
}

/// Runs make_mistakes over all methods and shapes; mutate(score, job, record) chooses the side. Every category that a
/// method has must have been told at least once.
template <class Mutate>
void run_mutants(const char* side, std::int64_t expected, Mutate mutate) {
  Score score;
  for (const Method& method : methods()) {
    std::set<Category> present;
    for (const Shape& shape : kShapes) {
      const Job job = job_of(method, shape);
      const Record record = test::measured(job);
      REQUIRE(sim::check(record).agrees());
      present.merge(categories_of(test::predicted_events(sim::Predictor(job), job.seq)));
      mutate(score, job, record);
    }
    for (const Category category : present) {
      INFO(method.name << ", " << name_of(category));
      CHECK(score.told(method.name).contains(category));
    }
  }
  fmt::print("mutants of {} that change the peak: {} killed of {}\n", side, score.killed(), score.total());
  CHECK(score.killed() == score.total());
  CHECK(score.total() == expected);
}

}  // namespace

TEST_CASE(
    "a prediction with a tensor dropped, doubled, of the wrong type or dying later fails and names its category") {
  run_mutants("the prediction", test::kPredictionMutants, [](Score& score, const Job& job, const Record& record) {
    const sim::Predictor predictor(job);
    sim::Breakdown predicted = predictor.breakdown(job.seq);
    make_mistakes(score, job, test::predicted_events(predictor, job.seq), [&](const StepPeak& wrong) {
      predicted.allocated = wrong.total;
      predicted.categories = wrong.categories;
      return sim::check(record, predicted);
    });
  });
}

TEST_CASE("layers with a tensor dropped, doubled, of the wrong type or dying later fail and name its category") {
  run_mutants("the layers", test::kLayerMutants, [](Score& score, const Job& job, const Record& record) {
    Record mistaken = record;
    make_mistakes(score, job, test::measured_events(record), [&](const StepPeak& wrong) {
      mistaken.allocated.total = wrong.total;
      mistaken.allocated.categories = wrong.categories;
      return sim::check(mistaken);
    });
  });
}

}  // namespace headroom
