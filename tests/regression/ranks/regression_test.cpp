// Every rank measures itself and holds that against the prediction: run by mpirun, all ranks together.

#include <fmt/format.h>

#include <headroom/sim/check.h>

#include "catch.h"
#include "inference_jobs.h"
#include "on_ranks.h"
#include "rank_jobs.h"

namespace headroom {
namespace {

std::string difference(const sim::Check& check) {
  std::string text =
      fmt::format("total measured {} predicted {}", check.total.measured.count(), check.total.predicted.count());
  for (const sim::CheckedCategory& c : check.categories) {
    if (c.figure.agrees()) continue;
    text += fmt::format("; {} measured {} predicted {}", name_of(c.category), c.figure.measured.count(),
                        c.figure.predicted.count());
  }
  return text;
}

/// Of this rank, which has measured it.
sim::CheckedSent checked_sent(const sim::Check& check) {
  const sim::CheckedRank& rank = check.ranks.at(static_cast<std::size_t>(test::this_rank()));
  REQUIRE(rank.sent);
  return *rank.sent;
}

/// uses_host, unless it is for an optimizer that has no states.
bool fills_host(Job job) {
  job.method.offload_optimizer = job.method.offload_optimizer && has_optimizer_states(job);
  return uses_host(job.method);
}

void require_as_predicted(const test::NamedJob& named) {
  const sim::Check check = sim::check(test::measured_on_this_rank(named.job));
  INFO("rank " << test::this_rank() << ", " << named.name << ": " << difference(check));
  CHECK(check.agrees());
  CHECK(check.host.has_value() == fills_host(named.job));
  const sim::CheckedSent sent = checked_sent(check);
  CHECK(sent.measured.bytes.count() == sent.predicted.bytes.count());
  CHECK(sent.measured.messages == sent.predicted.messages);
  CHECK(sent.measured.messages > 0);
}

}  // namespace

TEST_CASE("what each rank allocates and sends is what is predicted, to the byte and to the message") {
  const std::vector<test::NamedJob> jobs = test::rank_jobs(test::ranks_present());
  CHECK(jobs.size() >= 80);
  for (const test::NamedJob& named : jobs) require_as_predicted(named);
}

TEST_CASE("what each rank of inference allocates and sends is what is predicted, to the byte and to the message") {
  const std::vector<test::NamedJob> jobs = test::inference_rank_jobs(test::ranks_present());
  CHECK(jobs.size() >= 20);
  for (const test::NamedJob& named : jobs) require_as_predicted(named);
}

}  // namespace headroom
