#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/models/record.h>

#include "jobs.h"

namespace headroom::test {

/// A way to run a step, to be spoiled; the method's name tells it from the others.
struct Subject {
  Method method;
  Degrees degrees;
  std::int64_t heads = 2;
  std::int64_t kv_heads = 2;
  Structure structure = {.name = "plain"};
  Mode mode = Mode::training;
};

/// On which side the mistakes are made.
enum class Side : std::uint8_t { prediction, layers };

/// The record of a job, with its timeline.
using Measure = std::function<Record(const Job&)>;

/// Makes every mistake with every tensor of each subject's step, over shapes that put each category at some peak.
/// Within a test case: every mistake that changes the peak must fail the check and be told by its category, and every
/// category that a subject has must have been told at least once. Returns how many changed the peak.
std::int64_t run_mutants(Side side, const std::vector<Subject>& subjects, const Measure& measured);

}  // namespace headroom::test
