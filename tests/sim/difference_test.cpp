#include <cstdint>

#include <headroom/models/presets.h>
#include <headroom/sim/difference.h>

#include "catch.h"
#include "random_jobs.h"

namespace headroom::test {
namespace {

using sim::Difference;
using sim::Memory;
using sim::Predictor;
using sim::TermDifference;

struct Sums {
  Bytes first;
  Bytes second;
};

Sums sums_of(const Difference& difference, Memory memory) {
  Sums sums;
  for (const TermDifference& term : difference.terms) {
    if (term.memory != memory) continue;
    sums.first += term.first.total;
    sums.second += term.second.total;
  }
  return sums;
}

Bytes magnitude(Bytes bytes) { return bytes < Bytes() ? Bytes() - bytes : bytes; }

}  // namespace

TEST_CASE("the terms of two jobs sum to what each holds on the device and on the host") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Job one = random_job(seed);
    Job two = random_job(seed + 1000);
    one.device.context.bytes = Bytes(static_cast<std::int64_t>(seed));
    two.device.workspace.bytes = Bytes(7);
    const Difference difference = sim::difference(Predictor(one), Predictor(two));
    const Sums device = sums_of(difference, Memory::device);
    const Sums host = sums_of(difference, Memory::host);
    const bool holds = device.first == difference.first.device && device.second == difference.second.device &&
                       host.first == difference.first.host.allocated && host.second == difference.second.host.allocated;
    if (!holds) FAIL(described(seed, one) << described(seed, two));
  }
  SUCCEED();
}

TEST_CASE("terms stand with the largest difference first, and each is its tensors' sum") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Difference difference = sim::difference(Predictor(random_job(seed)), Predictor(random_job(seed + 500)));
    Bytes before = Bytes(std::int64_t{1} << 62);
    for (const TermDifference& term : difference.terms) {
      CHECK(magnitude(term.difference()) <= before);
      before = magnitude(term.difference());
      Bytes sum;
      for (const sim::LiveTensor& tensor : term.first.tensors) sum += tensor.total;
      CHECK((term.first.tensors.empty() || sum == term.first.total));
    }
  }
}

TEST_CASE("a job has no difference from itself, and the dense head's logits are one from the chunked head's") {
  Job job;
  job.model = model_preset("gpt2");
  job.method = method_preset("flash").method;
  job.device = budget_device(Bytes(std::int64_t{1} << 40));
  job.seq = Tokens(1024);
  for (const TermDifference& term : sim::difference(Predictor(job), Predictor(job)).terms) {
    CHECK(term.difference() == Bytes());
    CHECK(term.first.count() == term.second.count());
  }
  Job chunked = job;
  chunked.method.head = Head::chunked;
  const Difference difference = sim::difference(Predictor(job), Predictor(chunked));
  CHECK(difference.terms.front().category == Category::head_and_loss);
  CHECK(difference.terms.front().difference() < Bytes());
}

}  // namespace headroom::test
