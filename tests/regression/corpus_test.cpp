#include "catch.h"

#include <set>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/sim/check.h>

#include "corpus.h"

namespace headroom {

TEST_CASE("every record of the corpus is predicted to the byte, and where it is large the system bears witness") {
  constexpr std::size_t kExpectedRows = 16;
  std::size_t rows = 0;
  std::size_t witnesses = 0;
  for (const test::NamedRecord& named : test::corpus()) {
    const sim::Check check = sim::check(named.record);
    INFO(named.name << ": measured " << check.total.measured.count() << " predicted " << check.total.predicted.count());
    CHECK(check.agrees());
    CHECK(named.record.witness.has_value());
    CHECK(check.witness.has_value() == (named.record.allocated.total >= 1_GiB));
    ++rows;
    witnesses += check.witness ? 1U : 0U;
  }
  fmt::print("compared {} records of the corpus with their predictions, {} of them with a witness\n", rows, witnesses);
  CHECK(rows >= kExpectedRows);
}

TEST_CASE("every record of an accelerator is predicted to the byte, and CUPTI bears witness") {
  for (const test::DeviceCorpus& corpus : test::device_corpora()) {
    for (const test::NamedRecord& named : corpus.records) {
      INFO(corpus.device << "/" << named.name);
      const sim::Check check = sim::check(named.record);
      CHECK(check.agrees());
      CHECK(check.witness.has_value());
      CHECK(named.record.backend == "cuda");
    }
  }
}

TEST_CASE("the corpus has every method, recompute and precision, and jobs from a few hundred MiB to beyond 1 GiB") {
  std::set<std::string> methods;
  std::set<RecomputeKind> recomputes;
  std::set<Precision> precisions;
  Bytes largest;
  for (const test::NamedRecord& named : test::corpus()) {
    const Job& job = named.record.job;
    methods.insert(fmt::format("{} {}", job.method.name, name_of(job.method.key_values)));
    recomputes.insert(job.recompute.kind);
    precisions.insert(job.precision);
    CHECK(named.record.allocated.total > 100_MiB);
    largest = std::max(largest, named.record.allocated.total);
  }
  CHECK(methods == std::set<std::string>{"bpt kept", "bpt recomputed", "flash kept", "memory-efficient kept",
                                         "mst kept", "vanilla kept"});
  CHECK(recomputes.size() == values_of<RecomputeKind>().size());
  CHECK(precisions.size() == values_of<Precision>().size());
  CHECK(largest > Bytes(std::int64_t{3} << 29));
}

TEST_CASE("a record of the corpus names no machine and carries no timeline") {
  for (const test::NamedRecord& named : test::corpus()) {
    CHECK(named.record.timeline.empty());
    CHECK(named.record.threads == 2);
    CHECK(named.record.backend == "host");
  }
}

TEST_CASE("a folder of records that is not there is refused") { CHECK_THROWS(test::records_in("no such folder")); }

}  // namespace headroom
