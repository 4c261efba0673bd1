#include "mutation_suite.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <headroom/sim/check.h>

#include "catch.h"
#include "mutants.h"

namespace headroom::test {
namespace {

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

/// Groups of prompts in chunks, and decode of more sequences than a group has; every other layer has a window.
void choose_inference(Job& job) {
  job.mode = Mode::inference;
  job.batch = 3;
  job.inference.prefill_batch = 2;
  job.inference.prefill_chunk = {ChunkRule::tokens, Tokens(48)};
  if (job.model.kinds.front().latent) return;
  job.model.kinds.push_back(job.model.kinds.front());
  job.model.kinds.back().window = 40;
  job.model.layer_runs = {{2, {0, 1}}};
}

Job job_of(const Subject& subject, const Shape& shape) {
  Job job;
  job.model.name = "mutants";
  job.model.hidden = shape.hidden;
  job.model.vocab = shape.vocab;
  LayerKind kind;
  kind.heads = subject.heads;
  kind.kv_heads = subject.kv_heads;
  kind.head_dim = shape.hidden / subject.heads;
  kind.ffn_hidden = shape.ffn_hidden;
  kind.activation = Activation::swiglu;
  job.model.kinds = {kind};
  job.model.layer_runs = {{3, {0}}};
  choose_structure(job, subject.structure);
  job.device = budget_device(1_GiB);
  job.method = subject.method;
  job.degrees = subject.degrees;
  if (shape.recompute == RecomputeKind::none) job.method.offload_checkpoints = false;  // there are none
  job.method.query_chunk = job.method.kv_chunk = job.method.ffn_chunk =
      job.method.head_chunk = {ChunkRule::tokens, Tokens(64)};
  job.recompute = {shape.recompute, 1};
  job.precision = Precision::bf16;
  job.seq = Tokens(shape.seq);
  if (subject.mode == Mode::inference) choose_inference(job);
  return job;
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
  const StepPeak right = peak_of(events);
  for (const Target& target : targets_of(events)) {
    for (const Mistake mistake : kMistakes) {
      const StepPeak wrong = peak_of(with_mistake(events, target, mistake, true));
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

void spoil_prediction(Score& score, const Job& job, const Record& record) {
  const sim::Predictor predictor(job);
  sim::Breakdown predicted = predictor.breakdown(job.seq);
  make_mistakes(score, job, predicted_events(predictor, job.seq), [&](const StepPeak& wrong) {
    predicted.allocated = wrong.total;
    predicted.categories = wrong.categories;
    return sim::check(record, predicted);
  });
}

void spoil_layers(Score& score, const Job& job, const Record& record) {
  Record mistaken = record;
  make_mistakes(score, job, measured_events(record), [&](const StepPeak& wrong) {
    mistaken.allocated.total = wrong.total;
    mistaken.allocated.categories = wrong.categories;
    return sim::check(mistaken);
  });
}

}  // namespace

std::int64_t run_mutants(Side side, const std::vector<Subject>& subjects, const Measure& measured) {
  Score score;
  for (const Subject& subject : subjects) {
    std::set<Category> present;
    for (const Shape& shape : kShapes) {
      const Job job = job_of(subject, shape);
      const Record record = measured(job);
      REQUIRE(sim::check(record).agrees());
      present.merge(categories_of(predicted_events(sim::Predictor(job), job.seq)));
      side == Side::prediction ? spoil_prediction(score, job, record) : spoil_layers(score, job, record);
    }
    for (const Category category : present) {
      INFO(subject.method.name << ", " << name_of(category));
      CHECK(score.told(subject.method.name).contains(category));
    }
  }
  CHECK(score.killed() == score.total());
  return score.total();
}

}  // namespace headroom::test
