#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/models/variation.h>
#include <headroom/sim/sweep.h>

#include "catch.h"
#include "random_jobs.h"

namespace headroom::test {
namespace {

using sim::Grid;
using sim::Predictor;
using sim::Sweep;
using sim::SweepAnswer;
using sim::SweepAxis;
using sim::SweepLengths;

SweepAxis batches(std::int64_t count) {
  return {count, [](Job& job, std::int64_t value) { job.batch = value + 1; }, false};
}
SweepAxis heads() {
  return {
      static_cast<std::int64_t>(values_of<Head>().size()),
      [](Job& job, std::int64_t value) { job.method.head = values_of<Head>()[static_cast<std::size_t>(value)].value; },
      false};
}
SweepLengths lengths(std::int64_t count) {
  return {count, [](std::int64_t value) { return Tokens(30 * (value + 1)); }};
}

std::map<std::int64_t, SweepAnswer> all_of(const Sweep& sweep, std::int64_t block) {
  std::map<std::int64_t, SweepAnswer> answers;
  for (std::int64_t first = 0; first < sweep.rows(); first += block) {
    sweep.answer(first, std::min(block, sweep.rows() - first),
                 [&](std::int64_t row, const SweepAnswer& answer) { answers[row] = answer; });
  }
  return answers;
}

bool same(const SweepAnswer& answer, const Job& job, const sim::Breakdown& breakdown) {
  return answer.refused.empty() && answer.allocated == breakdown.allocated && answer.device == breakdown.device &&
         answer.host == breakdown.host.allocated && answer.moment == breakdown.moment &&
         answer.binding == breakdown.binding && answer.fits == sim::fits(job, breakdown) &&
         answer.capacity == job.device.capacity.bytes;
}

}  // namespace

TEST_CASE("every row of a sweep over lengths is its job's breakdown, whatever the blocks it is answered in") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Job base = random_job(seed);
    const Sweep sweep(base, {batches(3), heads()}, lengths(4));
    CHECK(sweep.rows() == 3 * heads().count * 4);
    const auto answers = all_of(sweep, static_cast<std::int64_t>(seed % 7 + 1));
    REQUIRE(answers.size() == static_cast<std::size_t>(sweep.rows()));
    for (const auto& [row, answer] : answers) {
      const auto values = sweep.values(row);
      Job job = base;
      batches(3).set(job, values[0]);
      heads().set(job, values[1]);
      const Tokens seq = lengths(4).at(values[2]);
      CHECK(answer.seq == seq);
      try {
        if (!same(answer, job, Predictor(job).breakdown(seq))) FAIL(described(seed, job));
      } catch (const InputError& error) {
        CHECK(answer.refused == error.what());
      }
    }
  }
}

TEST_CASE("every row of a sweep without lengths is its job's longest context") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Job base = random_job(seed);
    base.device = budget_device(Bytes(5'000'000));
    const Grid grid{Grid::Kind::multiples, Tokens(16)};
    const Sweep sweep(base, {batches(4)}, grid);
    REQUIRE(sweep.rows() == 4);
    for (const auto& [row, answer] : all_of(sweep, 3)) {
      Job job = base;
      job.batch = row + 1;
      const sim::MaxContext expected = max_context(Predictor(job), grid);
      CHECK(answer.seq == expected.tokens);
      CHECK(same(answer, job, expected.breakdown));
      CHECK(answer.host_binds == (expected.host && expected.host->binds));
    }
  }
}

TEST_CASE("rows count with the first axis slowest and lengths fastest") {
  const Sweep sweep(random_job(1), {batches(2), heads()}, lengths(3));
  CHECK(sweep.values(0) == std::vector<std::int64_t>{0, 0, 0});
  CHECK(sweep.values(2) == std::vector<std::int64_t>{0, 0, 2});
  CHECK(sweep.values(3) == std::vector<std::int64_t>{0, 1, 0});
}

TEST_CASE("an axis that brings values of others is set before them, wherever it stands") {
  const SweepAxis resets{1, [](Job& job, std::int64_t) { job.batch = 100; }, true};
  Job base = random_job(1);
  const Sweep sweep(base, {batches(2), resets}, lengths(1));
  base.batch = 2;
  for (const auto& [row, answer] : all_of(sweep, 5)) {
    if (row == 1) CHECK(answer.allocated == Predictor(base).breakdown(answer.seq).allocated);
  }
}

TEST_CASE("a sweep of no jobs, or of more than can be counted, is refused") {
  const auto huge = batches(std::int64_t{1} << 40);
  CHECK_THROWS_WITH(Sweep(Job(), {huge, huge}, Grid{}), contains("more than 2^63-1 jobs"));
  CHECK_THROWS_AS(Sweep(Job(), {batches(0)}, Grid{}), InputError);
}

TEST_CASE("a variation sets what its name says of each job, and a method before what it would overwrite") {
  const Job base = random_job(3);
  std::vector<std::string> notes;
  const SweepAxis batch = sim::sweep_axis(read_variation("batch", "1:8:*2,3", "batch"), base, notes);
  const SweepAxis model = sim::sweep_axis(read_variation("model", "gpt2,llama-2-7b", "model"), base, notes);
  const SweepAxis method = sim::sweep_axis(read_variation("method", "flash,mst", "method"), base, notes);
  Job job = base;
  batch.set(job, 4);
  model.set(job, 1);
  CHECK(job.batch == 3);
  CHECK(job.model == model_preset("llama-2-7b"));
  CHECK(job.method == base.method);
  method.set(job, 1);
  CHECK(job.method == method_preset("mst").method);
  CHECK((batch.count == 5 && model.count == 2 && method.count == 2));
  CHECK((method.brings_others && !batch.brings_others && !model.brings_others));
  CHECK_THROWS_AS(sim::sweep_axis(read_variation("batch", "1,0", "batch"), base, notes), InputError);
}

}  // namespace headroom::test
