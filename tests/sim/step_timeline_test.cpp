#include <cstdint>
#include <string>
#include <vector>

#include <headroom/sim/predictor.h>

#include "catch.h"
#include "random_jobs.h"

namespace headroom::test {
namespace {

using sim::Memory;
using sim::Predictor;
using sim::TimelineEvent;

struct Event {
  sim::Moment moment;
  std::string name;
  bool born;
  Bytes live;

  bool operator==(const Event&) const = default;
};

Event event_of(const TimelineEvent& event) { return {event.moment, std::string(event.name), event.born, event.live}; }

std::vector<Event> told(const Predictor& predictor, Memory memory) {
  std::vector<Event> events;
  predictor.step_timeline(predictor.job().seq, [&](Memory where, const TimelineEvent& event) {
    if (where == memory) events.push_back(event_of(event));
  });
  return events;
}

}  // namespace

TEST_CASE("the timeline of both memories is that of each, event by event") {
  int with_host = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Job job = random_job(seed);
    const Predictor predictor(job);
    std::vector<Event> device;
    std::vector<Event> host;
    predictor.timeline(job.seq, [&](const TimelineEvent& event) { device.push_back(event_of(event)); });
    predictor.host_timeline(job.seq, [&](const TimelineEvent& event) { host.push_back(event_of(event)); });
    if (told(predictor, Memory::device) != device) FAIL("device: " << described(seed, job));
    const bool same_stage = host.empty() || host.front().moment.stage == device.front().moment.stage;
    if (!same_stage) continue;
    if (told(predictor, Memory::host) != host) FAIL("host: " << described(seed, job));
    if (!host.empty()) ++with_host;
  }
  CHECK(with_host >= 50);
}

}  // namespace headroom::test
