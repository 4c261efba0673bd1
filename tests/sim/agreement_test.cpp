// Every answer of a predictor beside the plain unrolling of the same step, over many random jobs. The jobs are walked
// once; each test case reads the first job that broke its rule.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <headroom/models/transformer.h>
#include <headroom/sim/predictor.h>

#include "catch.h"
#include "random.h"
#include "random_jobs.h"
#include "timeline_facts.h"

namespace headroom::test {
namespace {

using sim::Breakdown;
using sim::Explanation;
using sim::LiveTensor;
using sim::Peak;
using sim::Predictor;

constexpr std::uint64_t kJobs = 20000;
constexpr std::uint64_t kDeepJobs = 400;
constexpr std::uint64_t kLongJobs = 400;
constexpr std::uint64_t kInferenceJobs = 4000;

/// Hundreds of layers in several runs with alternating kinds, most of them recomputed in segments.
Job deep_job(std::uint64_t seed) {
  JobLimits limits;
  limits.hidden = 16;
  limits.period = 5;
  limits.repeat = 60;
  limits.seq = 8;
  limits.chunks = 2;
  Job job = random_job(seed, limits);
  Random random(seed);
  if (random.chance(70)) job.recompute = {RecomputeKind::every, random.between(2, 40)};
  return job;
}

/// Sequences of several chunks under every chunk rule, whose shortest chunk is 1024 tokens.
Job long_job(std::uint64_t seed) {
  JobLimits limits;
  limits.seq = 5000;
  limits.chunks = 3;
  limits.repeat = 2;
  Job job = random_job(seed, limits);
  Random random(seed);
  job.model.hidden += 400;  // tokens of a chunk by the rules that follow the width
  if (random.chance(50)) job.method.ffn_chunk.rule = ChunkRule::mst_code;
  return job;
}

/// One job with all that is said about it.
struct Case {
  Case(const Job& described, Category category)
      : job(described),
        vanished(category),
        predictor(job),
        facts(timeline_facts(predictor, job.seq, category)),
        breakdown(predictor.breakdown(job.seq)),
        explanation(predictor.explain(job.seq)) {}

  const Job& job;
  Category vanished;
  Predictor predictor;
  TimelineFacts facts;
  Breakdown breakdown;
  Explanation explanation;
};

bool peaks_agree(const Case& c) {
  const Bytes peak = c.facts.peak.allocated;
  return c.predictor.peak(c.job.seq).allocated == peak && c.breakdown.allocated == peak &&
         c.explanation.peak.allocated == peak;
}

bool moments_agree(const Case& c) {
  const sim::Moment& moment = c.facts.peak.moment;
  return c.predictor.peak(c.job.seq).moment == moment && c.breakdown.moment == moment &&
         c.explanation.peak.moment == moment;
}

bool categories_agree(const Case& c) {
  const Device& device = c.job.device;
  BytesByCategory expected = c.facts.at_peak;
  expected[Category::context] += device.context.bytes;
  expected[Category::workspace] += device.workspace.bytes;
  expected[Category::allocator_slack] += device.allocator_slack.bytes;
  const Bytes overhead = device.context.bytes + device.workspace.bytes + device.allocator_slack.bytes;
  return c.breakdown.categories == expected && c.breakdown.device == expected.total() &&
         c.breakdown.device == c.breakdown.allocated + overhead && c.predictor.overhead() == overhead &&
         c.breakdown.seq == c.job.seq;
}

Bytes bytes_of_shape(const LiveTensor& tensor) {
  std::int64_t elements = 1;
  for (const std::int64_t dimension : tensor.shape) elements *= dimension;
  return Bytes(elements * element_size(tensor.dtype));
}

bool is_described(const LiveTensor& t) {
  return t.count > 0 && t.total == t.count * t.each && t.each == bytes_of_shape(t) && !t.name.empty() &&
         !t.formula.empty() && !t.source.empty() && t.formula.find('#') == std::string::npos;
}

bool tensors_agree(const Case& c) {
  TensorCounts explained;
  Bytes sum;
  Bytes previous = c.facts.peak.allocated;
  for (const LiveTensor& t : c.explanation.tensors) {
    if (!is_described(t) || t.total > previous) return false;
    explained[{t.name, t.category, t.each}] += t.count;
    sum += t.total;
    previous = t.total;
  }
  return sum == c.facts.peak.allocated && explained == c.facts.alive_at_peak;
}

bool runners_up_agree(const Case& c) {
  std::vector<Peak> expected;
  for (const auto& peak : c.facts.by_instant) {
    if (peak && peak->moment.instant != c.facts.peak.moment.instant) expected.push_back(*peak);
  }
  std::stable_sort(expected.begin(), expected.end(),
                   [](const Peak& a, const Peak& b) { return a.allocated > b.allocated; });
  return c.breakdown.runners_up == expected &&
         (expected.empty() || expected.front().allocated <= c.breakdown.allocated);
}

bool only_the_model_remains(const Case& c) {
  if (!c.facts.fault.empty()) return false;
  return std::all_of(c.facts.alive_at_end.begin(), c.facts.alive_at_end.end(), [](const auto& entry) {
    const Category category = entry.first.category;
    return entry.second > 0 && (category == Category::parameters || category == Category::optimizer_state ||
                                category == Category::kv_cache);
  });
}

/// The model as one tensor rank has it: its heads, its width and its vocabulary, padding among it.
Transformer part_of_model(const Job& job) {
  const std::int64_t t = job.degrees.tensor;
  Transformer model = job.model;
  model.vocab = (model.vocab + t - 1) / t;
  for (LayerKind& kind : model.kinds) {
    kind.heads /= t;
    kind.kv_heads = std::max<std::int64_t>(kind.kv_heads / t, 1);
    kind.ffn_hidden /= t;
    if (kind.experts && kind.experts->shared_hidden) *kind.experts->shared_hidden /= t;
  }
  if (model.positions == Positions::learned) model.max_positions = std::max(model.max_positions, job.seq.count());
  return model;
}

/// Of the layers of one stage of the pipeline, counted one by one.
std::int64_t layer_parameters(const Job& job, Transformer model, std::int64_t stage) {
  std::vector<std::int64_t> kinds;
  for (const LayerRun& run : model.layer_runs) {
    for (std::int64_t i = 0; i < run.repeat; ++i) kinds.insert(kinds.end(), run.period.begin(), run.period.end());
  }
  model.layer_runs.clear();
  const std::int64_t outside = parameter_count(model);
  const auto length = static_cast<std::int64_t>(kinds.size()) / (job.degrees.pipeline * job.model_chunks);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (static_cast<std::int64_t>(i) / length % job.degrees.pipeline != stage) continue;
    model.layer_runs = {{1, {kinds[i]}}};
    sum += parameter_count(model) - outside;
  }
  return sum;
}

/// What one rank of the stage (kNoStage: there is one) has of the parameters, where states are whole.
std::int64_t parameters(const Job& job, std::int64_t stage) {
  Transformer model = part_of_model(job);
  if (stage == sim::Moment::kNoStage) return parameter_count(model);
  const std::int64_t layers = layer_parameters(job, model, stage);
  model.layer_runs.clear();
  const std::int64_t outside = parameter_count(model);
  const std::int64_t table = model.vocab * model.hidden;
  const std::int64_t positions = model.positions == Positions::learned ? model.max_positions * model.hidden : 0;
  const std::int64_t head = outside - table - positions + (model.tied_embeddings ? table : 0);
  const bool is_last = stage == job.degrees.pipeline - 1;
  return layers + (stage == 0 ? table + positions : 0) + (is_last ? head : 0);
}

/// Whether the optimizer's states are as long as what they are of, so that the parameter count alone gives their size.
bool states_follow_parameters(const Optimizer& optimizer) {
  const bool has_scales = optimizer.kind == OptimizerKind::adamw && optimizer.states == StateDType::int8;
  return !has_scales && !(optimizer.kind == OptimizerKind::adafactor && optimizer.factored);
}

/// Bytes a parameter beside its value: AdamW's two moments, a momentum, Adafactor's second moment, and the fp32 master
/// copy of mixed precision.
std::int64_t state_bytes(const Job& job) {
  const Optimizer& optimizer = job.optimizer;
  const std::int64_t master = job.precision == Precision::bf16_mixed ? 4 : 0;
  const std::int64_t moment = optimizer.states == StateDType::fp32 ? 4 : 2;
  if (optimizer.kind == OptimizerKind::adamw) return 2 * moment + master;
  const std::int64_t momentum = optimizer.momentum == Momentum::none ? 0 : optimizer.momentum == Momentum::fp32 ? 4 : 2;
  return momentum + (optimizer.kind == OptimizerKind::adafactor ? 4 : 0) + master;
}

/// At least as many as the model has parameters (a layer: eight norms and fourteen products, each with a bias, and the
/// gate of a shared expert), each of which may be padded when it is shared out.
std::int64_t tensors(const Job& job) { return 6 + 45 * layer_count(job.model); }

/// Whether `held` is what one rank has of `elements` of `size` bytes: all, or a share. The shares of all ranks sum to
/// the whole and its padding, less than one element a rank and tensor.
bool is_share(const Job& job, bool is_shared, Bytes held, std::int64_t elements, std::int64_t size) {
  if (!is_shared) return held == Bytes(elements * size);
  const std::int64_t ranks = state_ranks(job.degrees);
  const std::int64_t padding = ranks * held.count() - elements * size;
  return padding >= 0 && padding <= (ranks - 1) * tensors(job) * size;
}

bool model_bytes_follow_from_the_parameter_count(const Case& c) {
  const std::int64_t count = parameters(c.job, c.breakdown.moment.stage);
  const std::int64_t with_states =
      c.job.method.offload_optimizer ? parameters(c.job, c.breakdown.host.moment.stage) : count;
  const std::int64_t element = c.job.precision == Precision::fp32 ? 4 : 2;
  const StateSharding sharding = state_ranks(c.job.degrees) > 1 ? c.job.method.sharding : StateSharding::none;
  const BytesByCategory& at_peak = c.breakdown.categories;
  const BytesByCategory& on_host = c.breakdown.host.categories;
  const Bytes whole(count * element);
  const bool shares_gradients = sharding >= StateSharding::zero2;
  const std::int64_t micro_batches = c.job.degrees.pipeline > 1 ? c.job.micro_batches : 1;
  const Bytes lasting = shares_gradients ? c.facts.born[Category::gradients] - micro_batches * whole : whole;
  const bool on_device = !c.job.method.offload_parameters;
  return is_share(c.job, sharding == StateSharding::zero3, (on_device ? at_peak : on_host)[Category::parameters],
                  on_device ? count : with_states, element) &&
         (!states_follow_parameters(c.job.optimizer) ||
          is_share(c.job, sharding >= StateSharding::zero1,
                   at_peak[Category::optimizer_state] + on_host[Category::optimizer_state], with_states,
                   state_bytes(c.job))) &&
         (c.job.method.offload_optimizer ? at_peak : on_host)[Category::optimizer_state] == 0_B &&
         is_share(c.job, shares_gradients, lasting, count, element) &&
         at_peak[Category::gradients] <= c.facts.born[Category::gradients] &&
         (!c.job.accumulate || at_peak[Category::gradients] >= lasting);
}

bool a_vanished_category_costs_nothing(const Case& c) {
  const Breakdown without = c.predictor.breakdown_without(c.vanished, c.job.seq);
  const Bytes vanished_overhead = c.predictor.overhead();
  if (c.job.degrees.pipeline > 1) {  // without the category another stage may have the highest peak
    return without.allocated == c.predictor.peak_without(c.vanished, c.job.seq).allocated &&
           without.allocated >= c.facts.without.allocated;
  }
  return c.predictor.peak_without(c.vanished, c.job.seq) == c.facts.without &&
         without.allocated == c.facts.without.allocated && without.moment == c.facts.without.moment &&
         without.device == without.allocated + vanished_overhead && without.categories.total() == without.device;
}

bool binding_category_grows_and_is_largest(const Case& c) {
  const std::set<Category> growing{Category::kv_cache,     Category::saved_activations, Category::attention,
                                   Category::feed_forward, Category::head_and_loss,     Category::communication};
  const Bytes binding = c.breakdown.categories[c.breakdown.binding];
  return growing.contains(c.breakdown.binding) &&
         std::all_of(growing.begin(), growing.end(), [&](Category g) { return c.breakdown.categories[g] <= binding; });
}

bool bounds_are_below(const Case& c) {
  return c.predictor.peak_lower_bound_from(c.job.seq) <= c.facts.peak.allocated &&
         c.predictor.peak_without_lower_bound_from(c.vanished, c.job.seq) <=
             c.predictor.peak_without(c.vanished, c.job.seq).allocated;
}

/// Elements that the layers of a rank keep, counted layer by layer.
std::int64_t cached_elements(const Job& job) {
  std::int64_t sum = 0;
  for (const LayerRun& run : job.model.layer_runs) {
    for (const std::int64_t index : run.period) {
      const LayerKind& kind = job.model.kinds[static_cast<std::size_t>(index)];
      const std::int64_t rows = std::min(kind.window.value_or(job.seq.count()), job.seq.count());
      const std::int64_t heads = std::max<std::int64_t>(kind.kv_heads / job.degrees.tensor, 1);
      const std::int64_t row =
          kind.latent ? kind.latent->kv_rank + kind.latent->rope_head_dim : 2 * heads * kind.head_dim;
      sum += run.repeat * job.batch * rows * row;
    }
  }
  return sum;
}

/// Parameters of the rank and cache, and nothing of training.
bool model_and_cache_bytes_follow_from_the_sizes(const Case& c) {
  const BytesByCategory& at_peak = c.breakdown.categories;
  const std::int64_t element = c.job.precision == Precision::fp32 ? 4 : 2;
  return at_peak[Category::parameters] == Bytes(parameters(c.job, sim::Moment::kNoStage) * element) &&
         at_peak[Category::kv_cache] == Bytes(cached_elements(c.job) * element_size(cache_dtype(c.job))) &&
         c.facts.born[Category::gradients] == 0_B && c.facts.born[Category::optimizer_state] == 0_B;
}

using Rule = bool (*)(const Case&);

constexpr Rule kRules[] = {peaks_agree,
                           moments_agree,
                           categories_agree,
                           tensors_agree,
                           runners_up_agree,
                           only_the_model_remains,
                           model_bytes_follow_from_the_parameter_count,
                           a_vanished_category_costs_nothing,
                           binding_category_grows_and_is_largest,
                           bounds_are_below};

/// The first job that breaks each rule, of the jobs that `make` draws from seeds below `seeds`.
template <class Make>
std::map<Rule, std::string> walk(std::uint64_t seeds, Make make) {
  std::map<Rule, std::string> first;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const Job job = make(seed);
    const Case c(job, Random(seed).value<Category>());
    for (const Rule rule : kRules) {
      if (!first.contains(rule) && !rule(c)) first[rule] = c.facts.fault + '\n' + described(seed, job);
    }
  }
  return first;
}

void require(const std::map<Rule, std::string>& first, Rule rule) {
  const auto broken = first.find(rule);
  if (broken != first.end()) FAIL(broken->second);
  SUCCEED();
}

void require(Rule rule) {
  static const std::map<Rule, std::string> first = walk(kJobs, [](std::uint64_t seed) { return random_job(seed); });
  require(first, rule);
}

}  // namespace

TEST_CASE("peak, breakdown, explanation and the largest instant of the timeline are equal to the byte") {
  require(peaks_agree);
}

TEST_CASE("every answer names the timeline's first largest instant as the peak's moment") { require(moments_agree); }

TEST_CASE("the categories at the peak are the timeline's and sum to the device's bytes") { require(categories_agree); }

TEST_CASE("the explained tensors are those alive in the timeline at its peak and sum to it") { require(tensors_agree); }

TEST_CASE("the runners-up are the peaks of all other kinds of instants, largest first") { require(runners_up_agree); }

TEST_CASE("no tensor dies that is not alive, and behind the step only parameters and optimizer state are") {
  require(only_the_model_remains);
}

TEST_CASE("parameters, gradients and optimizer state take what the parameter count says") {
  require(model_bytes_follow_from_the_parameter_count);
}

TEST_CASE("a peak without a category is the timeline's with that category counted as nothing") {
  require(a_vanished_category_costs_nothing);
}

TEST_CASE("the binding category grows with the sequence and no other one that grows is larger") {
  require(binding_category_grows_and_is_largest);
}

TEST_CASE("the lower bound from a length on is not above the peak at that length") { require(bounds_are_below); }

TEST_CASE("hundreds of layers told as runs of equal layers are hundreds of layers told one by one") {
  const std::map<Rule, std::string> first = walk(kDeepJobs, deep_job);
  for (const Rule rule : kRules) require(first, rule);
}

TEST_CASE("the answers agree where chunk rules cut sequences of thousands of tokens") {
  const std::map<Rule, std::string> first = walk(kLongJobs, long_job);
  for (const Rule rule : kRules) require(first, rule);
}

TEST_CASE("inference told by the chunks that can be first at a peak is inference told pass by pass") {
  JobLimits limits;
  limits.seq = 120;
  const auto make = [&](std::uint64_t seed) { return random_inference_job(seed, limits); };
  const std::map<Rule, std::string> first = walk(kInferenceJobs, make);
  for (const Rule rule : kRules) {
    if (rule != model_bytes_follow_from_the_parameter_count) require(first, rule);
  }
  for (std::uint64_t seed = 0; seed < kInferenceJobs; ++seed) {
    const Job job = make(seed);
    if (!model_and_cache_bytes_follow_from_the_sizes(Case(job, Category::attention))) FAIL(described(seed, job));
  }
}

TEST_CASE("the deep random jobs have remainders, alternating kinds and several runs beyond a hundred layers") {
  int counted = 0;
  for (std::uint64_t seed = 0; seed < kDeepJobs; ++seed) {
    const Job job = deep_job(seed);
    const std::int64_t layers = layer_count(job.model);
    const auto& runs = job.model.layer_runs;
    const bool alternates = std::any_of(runs.begin(), runs.end(), [](const LayerRun& run) {
      return std::set<std::int64_t>(run.period.begin(), run.period.end()).size() > 1;
    });
    const bool remainder = job.recompute.kind == RecomputeKind::every && layers % job.recompute.every != 0;
    if (layers > 100 && runs.size() > 1 && alternates && remainder) ++counted;
  }
  CHECK(counted > 60);
}

TEST_CASE(
    "the random jobs draw every value of every axis, and every recompute choice with every layer, attention and head") {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < kJobs; ++seed) {
    const Job job = random_job(seed);
    const Method& m = job.method;
    const std::string_view layer = name_of(m.feed_forward);
    seen[std::string(name_of(m.attention)) + ' ' + std::string(layer) + ' ' + std::string(name_of(job.recompute.kind)) +
         ' ' + std::string(name_of(m.head))]++;
    seen["key-values " + std::string(name_of(m.key_values))]++;
    seen["precision " + std::string(name_of(job.precision))]++;
    seen["optimizer " + std::string(name_of(job.optimizer.kind)) + std::string(name_of(job.optimizer.states))]++;
    if (token_runs(job) > 1) seen["sequence " + std::string(name_of(m.sequence))]++;
    if (job.degrees.tensor > 1) seen["tensor parallel"]++;
    if (state_ranks(job.degrees) > 1) seen["sharding " + std::string(name_of(m.sharding))]++;
    seen["ffn chunk " + std::string(name_of(m.ffn_chunk.rule))]++;
    seen["head chunk " + std::string(name_of(m.head_chunk.rule))]++;
  }
  const std::size_t refused_layers =
      values_of<RecomputeKind>().size() * values_of<Head>().size();  // blockwise with vanilla
  const std::size_t all_layers = values_of<Attention>().size() * values_of<FeedForward>().size() * refused_layers;
  const std::size_t single = values_of<KeyValues>().size() + values_of<Precision>().size() +
                             values_of<OptimizerKind>().size() * values_of<StateDType>().size();
  const std::size_t shared = values_of<SequenceDistribution>().size() - 1 + values_of<StateSharding>().size() + 1;
  const std::size_t refused_rules = 1;  // vocab-over-hidden is a rule of the head
  CHECK(seen.size() ==
        all_layers - refused_layers + single + shared + 2 * values_of<ChunkRule>().size() - refused_rules);
  for (const auto& [what, times] : seen) {
    INFO(what);
    CHECK(times >= 50);
  }
}

}  // namespace headroom::test
