// Every rank measures itself and holds that against the prediction: run by mpirun, all ranks together.

#include <fmt/format.h>

#include <headroom/sim/check.h>

#include "catch.h"
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

}  // namespace

TEST_CASE("what each rank allocates is what is predicted, to the byte, in total and per category") {
  const std::vector<test::NamedJob> jobs = test::rank_jobs(test::ranks_present());
  CHECK(jobs.size() >= 80);
  for (const test::NamedJob& named : jobs) {
    const sim::Check check = sim::check(test::measured_on_this_rank(named.job));
    INFO("rank " << test::this_rank() << ", " << named.name << ": " << difference(check));
    CHECK(check.agrees());
  }
}

}  // namespace headroom
