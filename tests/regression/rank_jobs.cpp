#include "rank_jobs.h"

#include <optional>

#include <fmt/format.h>

#include <headroom/models/format.h>
#include <headroom/models/presets.h>

#include "inference_jobs.h"

namespace headroom::test {
namespace {

/// Every style comes by within so many turns.
constexpr std::size_t kRoundOfStyles = 8;

/// What one place in the walk over the axes fixes.
struct Axes {
  SequenceDistribution sequence;
  Degrees degrees;
  Attention attention;
  FeedForward feed_forward;
  Recompute recompute;
};

Job job_with(const Axes& axes, std::size_t turn) {
  Job job = styled_job(turn);
  job.method.name = "ranks";
  job.method.sequence = axes.sequence;
  job.method.attention = axes.attention;
  job.method.feed_forward = axes.feed_forward;
  job.method.head = values_of<Head>()[turn % values_of<Head>().size()].value;
  job.method.sharding = values_of<StateSharding>()[turn / 2 % values_of<StateSharding>().size()].value;
  job.degrees = axes.degrees;
  job.recompute = axes.recompute;
  if (axes.sequence == SequenceDistribution::fpdt) {
    const std::int64_t ranks = axes.degrees.sequence;
    job.method.query_chunk.tokens = Tokens((job.method.query_chunk.tokens.count() + ranks - 1) / ranks * ranks);
  }
  const std::int64_t n = token_runs(job);
  job.seq = Tokens((job.seq.count() + n - 1) / n * n);
  choose_training(job, turn);
  const bool has_checkpoints =
      axes.recompute.kind == RecomputeKind::full || axes.recompute.kind == RecomputeKind::every;
  job.method.offload_checkpoints = has_checkpoints && turn % 3 == 0;
  job.method.offload_optimizer = turn % 4 == 1;
  return job;
}

/// With the next style whose heads the ranks can share; none where the axes are refused whatever the style.
std::optional<Job> accepted_job(const Axes& axes, std::size_t turn) {
  constexpr std::size_t kTries = 5;
  for (std::size_t i = 0; i < kTries; ++i) {
    const Job job = job_with(axes, turn + i);
    if (is_accepted(job)) return job;
  }
  return std::nullopt;
}

void add(std::vector<NamedJob>& jobs, const Axes& axes) {
  const std::optional<Job> job = accepted_job(axes, jobs.size());
  if (!job) return;
  jobs.push_back({fmt::format("{} {} {} {} {} {} {} {}", name_of(axes.sequence), format_degrees(*job),
                              name_of(job->method.sharding), name_of(axes.attention), name_of(axes.feed_forward),
                              format_recompute(axes.recompute), job->model.name, jobs.size()),
                  *job});
}

void add_all_layers(std::vector<NamedJob>& jobs, SequenceDistribution sequence, const Degrees& degrees) {
  for (const Recompute& recompute : kRecomputes) {
    for (const auto& attention : values_of<Attention>()) {
      for (const auto& feed_forward : values_of<FeedForward>()) {
        add(jobs, {sequence, degrees, attention.value, feed_forward.value, recompute});
      }
    }
  }
}

/// Not every layer: tensor ranks change the same products in all of them.
void add_some_layers(std::vector<NamedJob>& jobs, SequenceDistribution sequence, const Degrees& degrees) {
  constexpr std::size_t kOneIn = 3;  // no factor of the attentions x feed-forwards x recomputes that go round
  std::size_t turn = jobs.size();
  for (const Recompute& recompute : kRecomputes) {
    for (const auto& attention : values_of<Attention>()) {
      for (const auto& feed_forward : values_of<FeedForward>()) {
        if (++turn % kOneIn == 0) add(jobs, {sequence, degrees, attention.value, feed_forward.value, recompute});
      }
    }
  }
}

bool has_sequence_ranks(SequenceDistribution sequence) {
  return sequence != SequenceDistribution::none && sequence != SequenceDistribution::megatron_sp;
}

void add_sequence_ranks(std::vector<NamedJob>& jobs, SequenceDistribution sequence, std::int64_t ranks) {
  if (sequence == SequenceDistribution::ring_ulysses && ranks < 4) return;
  add_all_layers(jobs, sequence, {.sequence = ranks, .ulysses = 2});
  if (ranks == 2) return;
  add_all_layers(jobs, sequence, {.data = 2, .sequence = ranks / 2});
  add_some_layers(jobs, sequence, {.sequence = ranks / 2, .tensor = 2});
}

void add_tensor_ranks(std::vector<NamedJob>& jobs, SequenceDistribution sequence, std::int64_t ranks) {
  add_all_layers(jobs, sequence, {.tensor = ranks});
  if (ranks > 2) add_some_layers(jobs, sequence, {.data = 2, .tensor = ranks / 2});
}

Degrees degrees_of(const Method& method, std::int64_t ranks) {
  const bool has_tensor_ranks = !has_sequence_ranks(method.sequence);
  return has_tensor_ranks ? Degrees{.tensor = ranks} : Degrees{.sequence = ranks, .ulysses = 2};
}

/// The preset in the first style that its ranks can share, from `turn` on.
std::optional<Job> preset_job(std::string_view name, Precision precision, std::int64_t ranks, std::size_t turn) {
  for (std::size_t i = 0; i < kRoundOfStyles; ++i) {
    Job job = styled_job(turn + i);
    job.method = method_preset(name).method;
    const Chunk chunk{ChunkRule::tokens, Tokens(ranks * 8)};
    job.method.query_chunk = job.method.kv_chunk = job.method.ffn_chunk = job.method.head_chunk = chunk;
    job.degrees = degrees_of(job.method, ranks);
    job.precision = precision;
    const std::int64_t n = token_runs(job);
    job.seq = Tokens((job.seq.count() + n - 1) / n * n);
    if (is_accepted(job)) return job;
  }
  return std::nullopt;
}

/// Parameters that come for their use: shards of the ranks, ahead of it or not, on the device or on the host.
void add_units(std::vector<NamedJob>& jobs, SequenceDistribution sequence, const Degrees& degrees) {
  for (const Recompute& recompute : kRecomputes) {
    for (const auto& [prefetch, is_on_host] : {std::pair(1, false), {3, false}, {40, false}, {0, true}, {2, true}}) {
      Job job = styled_job(jobs.size());
      choose_training(job, jobs.size());
      job.recompute = recompute;
      job.degrees = degrees;
      job.seq = Tokens((job.seq.count() + 3) / 4 * 4);
      job.method.attention = Attention::flash;
      job.method.sequence = sequence;
      job.method.sharding = StateSharding::zero3;
      job.method.prefetch = prefetch;
      job.method.offload_optimizer = job.method.offload_parameters = is_on_host;
      if (!is_accepted(job)) continue;
      jobs.push_back({fmt::format("units {} {} {} ahead{} {} {}", name_of(sequence), format_degrees(job), prefetch,
                                  is_on_host ? " from the host" : "", format_recompute(recompute), jobs.size()),
                      job});
    }
  }
}

void add_units(std::vector<NamedJob>& jobs, std::int64_t ranks) {
  add_units(jobs, SequenceDistribution::none, {.data = ranks});
  add_units(jobs, SequenceDistribution::ring, {.sequence = ranks});
  if (ranks > 2) add_units(jobs, SequenceDistribution::megatron_sp, {.data = 2, .tensor = ranks / 2});
}

/// What optimizers keep and when they update, with states whole and shared out.
void add_optimizers(std::vector<NamedJob>& jobs, const Degrees& degrees) {
  for (const Optimizer& optimizer : kOptimizers) {
    for (const auto& sharding : values_of<StateSharding>()) {
      const std::size_t turn = jobs.size();
      Job job = styled_job(turn);
      job.recompute = kRecomputes[turn % std::size(kRecomputes)];
      job.precision = values_of<Precision>()[turn % values_of<Precision>().size()].value;
      job.degrees = degrees;
      choose_optimizer(job, optimizer);
      job.optimizer.in_backward = turn % 2 == 0;
      job.method.attention = Attention::flash;
      job.method.sharding = sharding.value;
      job.method.offload_optimizer = turn % 3 == 0;
      if (!is_accepted(job)) continue;
      jobs.push_back({fmt::format("{} {} {} {}{} {}", name_of(optimizer.kind), format_degrees(job), sharding.name,
                                  name_of(job.precision), job.optimizer.in_backward ? " in backward" : "", turn),
                      job});
    }
  }
}

/// With the next style that its ranks can share, if there is one.
std::optional<Job> structured_job(const Axes& axes, const Structure& structure, std::size_t turn) {
  for (std::size_t i = 0; i < kRoundOfStyles; ++i) {
    Job job = job_with(axes, turn + i);
    choose_structure(job, structure);
    if (is_accepted(job)) return job;
  }
  return std::nullopt;
}

/// What layers are made of x how ranks share them; sharding and recompute go round.
void add_structures(std::vector<NamedJob>& jobs, SequenceDistribution sequence, const Degrees& degrees) {
  const bool needs_flash = sequence == SequenceDistribution::ring || sequence == SequenceDistribution::ring_ulysses ||
                           sequence == SequenceDistribution::fpdt;
  for (const Structure& structure : structures()) {
    for (const auto& feed_forward : values_of<FeedForward>()) {
      const std::size_t turn = jobs.size();
      const Attention attention = needs_flash ? Attention::flash : values_of<Attention>()[1 + turn % 2].value;
      const Recompute& recompute = kRecomputes[turn % std::size(kRecomputes)];
      const auto job = structured_job({sequence, degrees, attention, feed_forward.value, recompute}, structure, turn);
      if (!job) continue;
      jobs.push_back({fmt::format("{} {} {} {} {} {} {}", structure.name, name_of(sequence), format_degrees(*job),
                                  name_of(job->method.sharding), feed_forward.name, format_recompute(recompute), turn),
                      *job});
    }
  }
}

void add_structures(std::vector<NamedJob>& jobs, std::int64_t ranks) {
  add_structures(jobs, SequenceDistribution::none, {.data = ranks});
  add_structures(jobs, SequenceDistribution::none, {.tensor = ranks});
  add_structures(jobs, SequenceDistribution::megatron_sp, {.tensor = ranks});
  for (const auto& sequence : values_of<SequenceDistribution>()) {
    if (!has_sequence_ranks(sequence.value)) continue;
    add_structures(jobs, sequence.value, {.sequence = ranks, .ulysses = 2});
    if (ranks > 2) add_structures(jobs, sequence.value, {.sequence = ranks / 2, .tensor = 2, .ulysses = 2});
  }
}

/// The presets as they are but for chunks that fit the small models: on sequence ranks, or tensor ranks.
void add_presets(std::vector<NamedJob>& jobs, std::int64_t ranks) {
  for (const std::string_view name : method_names()) {
    for (const auto& precision : values_of<Precision>()) {
      const std::optional<Job> job = preset_job(name, precision.value, ranks, jobs.size());
      if (!job) continue;
      jobs.push_back({fmt::format("{} as it is, {} {}", name, format_degrees(*job), precision.name), *job});
    }
  }
}

}  // namespace

std::vector<NamedJob> rank_jobs(std::int64_t ranks) {
  std::vector<NamedJob> jobs;
  for (const auto& sequence : values_of<SequenceDistribution>()) {
    if (has_sequence_ranks(sequence.value)) {
      add_sequence_ranks(jobs, sequence.value, ranks);
    } else {
      add_tensor_ranks(jobs, sequence.value, ranks);
    }
  }
  add_all_layers(jobs, SequenceDistribution::none, {.data = ranks});
  add_presets(jobs, ranks);
  add_units(jobs, ranks);
  add_optimizers(jobs, {.data = ranks});
  if (ranks > 2) add_optimizers(jobs, {.data = 2, .tensor = ranks / 2});
  add_structures(jobs, ranks);
  return jobs;
}

std::vector<NamedJob> all_rank_jobs() {
  std::vector<NamedJob> all;
  for (const std::int64_t ranks : kRankCounts) {
    for (const std::vector<NamedJob>& jobs : {rank_jobs(ranks), inference_rank_jobs(ranks)}) {
      all.insert(all.end(), jobs.begin(), jobs.end());
    }
  }
  return all;
}

}  // namespace headroom::test
