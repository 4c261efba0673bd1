#include "catch.h"

#include <fmt/format.h>

#include <headroom/sim/check.h>

#include "bench.h"
#include "jobs.h"

namespace headroom {
namespace {

std::string difference(const sim::Check& check) {
  std::string text =
      fmt::format("total measured {} predicted {}", check.total.measured.count(), check.total.predicted.count());
  for (const sim::CheckedCategory& c : check.categories) {
    if (!c.figure.agrees()) {
      text += fmt::format("; {} measured {} predicted {}", name_of(c.category), c.figure.measured.count(),
                          c.figure.predicted.count());
    }
  }
  if (check.host && !check.host->agrees()) {
    text += fmt::format("; host measured {} predicted {}", check.host->total.measured.count(),
                        check.host->total.predicted.count());
  }
  return text;
}

}  // namespace

TEST_CASE("what real layers allocate is what is predicted, to the byte, in total and per category") {
  const std::vector<test::NamedJob> jobs = test::regression_jobs();
  std::size_t rows = 0;
  for (const test::NamedJob& named : jobs) {
    const sim::Check check = sim::check(test::measured(named.job));
    INFO(named.name << ": " << difference(check));
    CHECK(check.agrees());
    CHECK(check.categories.size() >= (named.job.method.offload_optimizer ? 3U : 4U));  // its states are on the host
    ++rows;
  }
  fmt::print("compared {} measured jobs with their predictions\n", rows);
  CHECK(rows == test::kLiveRows);
}

TEST_CASE("a record that holds one byte more, in total or in one category, does not agree") {
  const Record record = test::measured(test::regression_jobs().front().job);
  REQUIRE(sim::check(record).agrees());
  Record heavier = record;
  heavier.allocated.total += 1_B;
  CHECK_FALSE(sim::check(heavier).agrees());
  Record shifted = record;
  shifted.allocated.categories[Category::attention] += 1_B;
  CHECK_FALSE(sim::check(shifted).agrees());
}

TEST_CASE("the system's witness must lie within 2 % and 16 MiB of the tensors above 1 GiB") {
  Record record = test::measured(test::regression_jobs().front().job);
  record.job.batch = 100'000;  // the figures below are made up: only their distance matters here
  const Bytes predicted = sim::check(record).total.predicted;
  REQUIRE(predicted > 1_GiB);
  const auto agrees = [&](Bytes seen) {
    record.witness = Witness{"VmHWM", seen + 5_MiB, 5_MiB};
    return sim::check(record).witness->agrees();
  };
  const Bytes slack = Bytes(predicted.count() / 50) + 16_MiB;
  CHECK(agrees(predicted));
  CHECK(agrees(predicted + slack));
  CHECK(agrees(predicted - slack));
  CHECK_FALSE(agrees(predicted + slack + 1_B));
  CHECK_FALSE(agrees(predicted - slack - 1_B));
}

}  // namespace headroom
