#include "mutants.h"

#include <algorithm>
#include <utility>

namespace headroom::test {
namespace {

/// Numbers instants as they come.
template <class Place>
class InstantCounter {
 public:
  std::int64_t number(const Place& place) {
    if (count_ == 0 || !(place == last_)) ++count_;
    last_ = place;
    return count_;
  }

 private:
  Place last_{};
  std::int64_t count_ = 0;
};

bool is_hit(const StepEvent& event, const Target& target) {
  return event.tensor == target.tensor && event.category == target.category;
}

/// Deaths of the target wait for the last event of the instant behind their own.
std::vector<StepEvent> dying_later(const std::vector<StepEvent>& events, const Target& target) {
  std::vector<StepEvent> result;
  std::vector<StepEvent> waiting;
  const auto release = [&](std::int64_t now) {
    const auto is_due = [now](const StepEvent& death) { return now > death.instant + 1; };
    std::copy_if(waiting.begin(), waiting.end(), std::back_inserter(result), is_due);
    waiting.erase(std::remove_if(waiting.begin(), waiting.end(), is_due), waiting.end());
  };
  for (const StepEvent& event : events) {
    release(event.instant);
    (is_hit(event, target) && !event.born ? waiting : result).push_back(event);
  }
  result.insert(result.end(), waiting.begin(), waiting.end());
  return result;
}

Bytes mistaken_size(Bytes bytes, Mistake mistake, bool bf16) {
  switch (mistake) {
    case Mistake::dropped: return {};
    case Mistake::doubled: return 2 * bytes;
    case Mistake::wrong_type: return bf16 ? 2 * bytes : Bytes(bytes.count() / 2);
    case Mistake::dies_later: break;
  }
  return bytes;
}

}  // namespace

std::vector<StepEvent> predicted_events(const sim::Predictor& predictor, Tokens seq) {
  std::vector<StepEvent> events;
  InstantCounter<sim::Moment> instants;
  predictor.timeline(seq, [&](const sim::TimelineEvent& event) {
    events.push_back({std::string(event.name), event.category, event.bytes, event.born, instants.number(event.moment)});
  });
  return events;
}

std::vector<StepEvent> measured_events(const Record& record) {
  std::vector<StepEvent> events;
  InstantCounter<std::pair<std::string, std::optional<std::int64_t>>> instants;
  for (const TensorEvent& event : record.timeline) {
    events.push_back(
        {event.tensor, event.category, event.bytes, event.birth, instants.number({event.instant, event.layer})});
  }
  return events;
}

StepPeak peak_of(const std::vector<StepEvent>& events) {
  StepPeak peak;
  StepPeak live;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Bytes change = events[i].born ? events[i].bytes : Bytes() - events[i].bytes;
    live.total += change;
    live.categories[events[i].category] += change;
    live.event = i;
    if (live.total > peak.total) peak = live;
  }
  return peak;
}

std::vector<Target> targets_of(const std::vector<StepEvent>& events) {
  std::vector<Target> targets;
  for (const StepEvent& event : events) {
    const Target target{event.tensor, event.category};
    if (std::find(targets.begin(), targets.end(), target) == targets.end()) targets.push_back(target);
  }
  return targets;
}

std::vector<StepEvent> with_mistake(const std::vector<StepEvent>& events, const Target& target, Mistake mistake,
                                    bool bf16) {
  if (mistake == Mistake::dies_later) return dying_later(events, target);
  std::vector<StepEvent> result = events;
  for (StepEvent& event : result) {
    if (is_hit(event, target)) event.bytes = mistaken_size(event.bytes, mistake, bf16);
  }
  return result;
}

}  // namespace headroom::test
