#include "coverage.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include <fmt/format.h>

#include "corpus.h"
#include "inference_jobs.h"
#include "rank_jobs.h"

namespace headroom::test {
namespace {

/// The enumerator that is typed as `name`: "dense-fp32" is dense_fp32.
template <class Enum>
std::string enumerator(std::string_view letter, Enum value) {
  std::string name(name_of(value));
  std::replace(name.begin(), name.end(), '-', '_');
  return fmt::format("{}::{}", letter, name);
}

std::string row_text(const sim::VerifiedRow& row) {
  const sim::Axes& x = row.axes;
  const std::string values[] = {enumerator("A", x.attention),
                                enumerator("F", x.feed_forward),
                                enumerator("K", x.key_values),
                                enumerator("H", x.head),
                                enumerator("R", x.recompute),
                                enumerator("P", x.precision),
                                enumerator("O", x.optimizer),
                                enumerator("S", x.states),
                                fmt::format("{}", x.accumulate),
                                fmt::format("{}", x.dropout),
                                enumerator("D", x.sequence),
                                enumerator("Z", x.sharding),
                                fmt::format("{}", x.tensor_parallel),
                                fmt::format("{}", x.pipeline_parallel),
                                fmt::format("{}", x.offload_checkpoints),
                                fmt::format("{}", x.offload_optimizer),
                                fmt::format("{}", x.offload_parameters),
                                fmt::format("{}", x.prefetch),
                                enumerator("M", x.momentum),
                                fmt::format("{}", x.factored),
                                fmt::format("{}", x.in_backward),
                                fmt::format("{}", x.experts),
                                fmt::format("{}", x.qk_norm),
                                fmt::format("{}", x.parallel),
                                fmt::format("{}", x.latent),
                                enumerator("I", x.mode),
                                enumerator("C", x.cache),
                                fmt::format("{}", x.prefill_chunks),
                                fmt::format("{}", x.rings)};
  return fmt::format("{{{{{}}}, {}}},\n", fmt::join(values, ", "), row.count);
}

}  // namespace

std::vector<sim::VerifiedRow> coverage(const std::vector<Job>& jobs) {
  std::map<sim::Axes, std::int64_t> counts;
  for (const Job& job : jobs) ++counts[sim::axes_of(job)];
  std::vector<sim::VerifiedRow> rows;
  for (const auto& [axes, count] : counts) rows.push_back({axes, count});
  return rows;
}

std::vector<NamedJob> one_rank_jobs() {
  std::vector<NamedJob> jobs = regression_jobs();
  const std::vector<NamedJob> of_inference = inference_jobs();
  jobs.insert(jobs.end(), of_inference.begin(), of_inference.end());
  return jobs;
}

std::vector<Job> covered_jobs() {
  std::vector<Job> jobs;
  for (const NamedJob& named : one_rank_jobs()) jobs.push_back(named.job);
  for (const NamedJob& named : all_rank_jobs()) jobs.push_back(named.job);
  for (const NamedRecord& named : corpus()) jobs.push_back(named.record.job);
  return jobs;
}

std::string verified_rows_text(const std::vector<sim::VerifiedRow>& rows) {
  std::string text =
      "// Written by headroom_regression --write: what the live regression and the corpus have verified.\n";
  for (const sim::VerifiedRow& row : rows) text += row_text(row);
  return text;
}

}  // namespace headroom::test
