#include "inference_jobs.h"

#include <optional>

#include <fmt/format.h>

#include <headroom/models/format.h>

namespace headroom::test {
namespace {

/// A way to compute a layer.
struct Way {
  Attention attention;
  FeedForward feed_forward;
};

std::vector<Way> ways() {
  std::vector<Way> all;
  for (const auto& attention : values_of<Attention>()) {
    for (const auto& feed_forward : values_of<FeedForward>()) {
      const bool needs_all_queries = attention.value == Attention::vanilla;
      if (needs_all_queries && feed_forward.value == FeedForward::blockwise) continue;
      all.push_back({attention.value, feed_forward.value});
    }
  }
  return all;
}

/// Windows of every layer, or of every other one.
void add_windows(Job& job, std::size_t turn) {
  constexpr std::int64_t kWindows[] = {5, 16, 3, 40};
  job.model.kinds.front().window = kWindows[turn % std::size(kWindows)];
  if (turn % 3 != 0) return;
  LayerKind other = job.model.kinds.front();
  other.window.reset();
  job.model.kinds.push_back(other);
  job.model.layer_runs = {{2, {0, 1}}, {1, {0}}};
}

/// Groups of prompts, and what is cut of them.
void choose_prefill(Job& job, std::size_t turn, bool in_chunks) {
  constexpr std::int64_t kChunks[] = {7, 16, 2, 12, 64};
  job.batch += static_cast<std::int64_t>(turn % 4);
  job.inference.prefill_batch = 1 + static_cast<std::int64_t>(turn % 3);
  if (in_chunks) job.inference.prefill_chunk = {ChunkRule::tokens, Tokens(kChunks[turn % std::size(kChunks)])};
}

Job job_of(const Way& way, std::size_t turn) {
  Job job = styled_job(turn);
  job.mode = Mode::inference;
  job.method.attention = way.attention;
  job.method.feed_forward = way.feed_forward;
  job.method.head = turn % 2 == 0 ? Head::dense : Head::dense_fp32;
  job.precision = values_of<Precision>()[turn % values_of<Precision>().size()].value;
  return job;
}

void add(std::vector<NamedJob>& jobs, const Job& job, std::string_view what) {
  jobs.push_back({fmt::format("inference {} {} {} {} {} {} {}", what, name_of(job.method.attention),
                              name_of(job.method.feed_forward), job.model.name, format_degrees(job),
                              name_of(job.precision), jobs.size()),
                  job});
}

void add_plain(std::vector<NamedJob>& jobs, const Way& way) {
  for (const Head head : {Head::dense, Head::dense_fp32}) {
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
      for (const bool in_chunks : {false, true}) {
        for (const bool has_windows : {false, true}) {
          const std::size_t turn = jobs.size();
          Job job = job_of(way, turn);
          job.method.head = head;
          job.precision = precision;
          choose_prefill(job, turn, in_chunks);
          if (has_windows) add_windows(job, turn);
          add(jobs, job, has_windows ? "windows" : "plain");
        }
      }
    }
  }
}

/// None where the ranks cannot share it.
std::optional<Job> structured_job(const Structure& structure, const Way& way, std::size_t turn) {
  Job job = job_of(way, turn);
  choose_structure(job, structure);
  choose_prefill(job, turn, turn % 4 != 0);
  if (!structure.latent && turn % 5 == 0) add_windows(job, turn);
  constexpr CacheType kTypes[] = {CacheType::compute, CacheType::fp32, CacheType::bf16};
  job.inference.cache = kTypes[turn / 2 % std::size(kTypes)];
  return is_accepted(job) ? std::optional(job) : std::nullopt;
}

void add_structures(std::vector<NamedJob>& jobs) {
  for (int round = 0; round < 2; ++round) {
    for (const Structure& structure : structures()) {
      for (const Way& way : ways()) {
        const auto job = structured_job(structure, way, jobs.size() + static_cast<std::size_t>(round));
        if (job) add(jobs, *job, structure.name);
      }
    }
  }
}

/// With the next style that the ranks can share, if there is one.
template <class Make>
void add_shared(std::vector<NamedJob>& jobs, const Degrees& degrees, std::string_view what, Make make) {
  constexpr std::size_t kTries = 8;
  for (std::size_t i = 0; i < kTries; ++i) {
    std::optional<Job> job = make(jobs.size() + i);
    if (!job) continue;
    job->degrees = degrees;
    if (!is_accepted(*job)) continue;
    return add(jobs, *job, what);
  }
}

}  // namespace

std::vector<NamedJob> inference_jobs() {
  std::vector<NamedJob> jobs;
  for (const Way& way : ways()) add_plain(jobs, way);
  add_structures(jobs);
  return jobs;
}

std::vector<NamedJob> inference_rank_jobs(std::int64_t ranks) {
  std::vector<NamedJob> jobs;
  std::vector<Degrees> all{{.tensor = ranks}};
  if (ranks > 2) all.push_back({.data = 2, .tensor = ranks / 2});
  for (const Degrees& degrees : all) {
    for (const Way& way : ways()) {
      for (const bool in_chunks : {false, true}) {
        add_shared(jobs, degrees, "shared", [&](std::size_t turn) {
          Job job = job_of(way, turn);
          choose_prefill(job, turn, in_chunks);
          if (turn % 3 == 0) add_windows(job, turn);
          return std::optional(job);
        });
      }
    }
    for (const Structure& structure : structures()) {
      add_shared(jobs, degrees, structure.name,
                 [&](std::size_t turn) { return structured_job(structure, ways()[turn % ways().size()], turn); });
    }
  }
  return jobs;
}

}  // namespace headroom::test
