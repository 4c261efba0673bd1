#include "timeline_facts.h"

namespace headroom::test {
namespace {

using sim::Moment;
using sim::Peak;
using sim::TimelineEvent;

void keep_larger(std::optional<Peak>& best, Bytes bytes, const Moment& moment) {
  if (!best || bytes > best->allocated) best = Peak{bytes, moment};
}

void count(TensorCounts& alive, const TimelineEvent& event) {
  alive[{event.name, event.category, event.bytes}] += event.born ? 1 : -1;
}

void drop_absent(TensorCounts& alive) {
  for (auto it = alive.begin(); it != alive.end();) it = it->second == 0 ? alive.erase(it) : std::next(it);
}

class Witness {
 public:
  Witness(TimelineFacts& facts, Category vanished) : facts_(facts), vanished_(vanished) {}

  void see(const TimelineEvent& event) {
    ++facts_.events;
    const Bytes change = event.born ? event.bytes : Bytes() - event.bytes;
    live_ += change;
    by_category_[event.category] += change;
    if (event.category != vanished_) live_without_ += change;
    if (event.born) see_birth(event);
    check(event);
  }
  [[nodiscard]] std::int64_t peak_event() const { return peak_event_; }
  void finish() {
    facts_.peak = *peak_;
    facts_.without = *without_;
    drop_absent(facts_.alive_at_end);
  }

 private:
  void see_birth(const TimelineEvent& event) {
    facts_.born[event.category] += event.bytes;
    if (!peak_ || live_ > peak_->allocated) {
      facts_.at_peak = by_category_;
      peak_event_ = facts_.events;
    }
    keep_larger(peak_, live_, event.moment);
    keep_larger(facts_.by_instant[static_cast<std::size_t>(event.moment.instant)], live_, event.moment);
    keep_larger(without_, live_without_, event.moment);
  }

  void check(const TimelineEvent& event) {
    std::int64_t& alive = facts_.alive_at_end[{event.name, event.category, event.bytes}];
    alive += event.born ? 1 : -1;
    if (!facts_.fault.empty()) return;
    if (alive < 0) facts_.fault = std::string(event.name) + " dies without being alive";
    if (event.live != live_) facts_.fault = std::string(event.name) + " reports other live bytes than the sum";
    if (live_ < Bytes()) facts_.fault = "live bytes are negative behind " + std::string(event.name);
  }

  TimelineFacts& facts_;
  Category vanished_;
  Bytes live_;
  Bytes live_without_;
  BytesByCategory by_category_;
  std::optional<Peak> peak_;
  std::optional<Peak> without_;
  std::int64_t peak_event_ = 0;
};

}  // namespace

TimelineFacts timeline_facts(const sim::Predictor& predictor, Tokens seq, Category vanished) {
  TimelineFacts facts;
  Witness witness(facts, vanished);
  predictor.timeline(seq, [&](const TimelineEvent& event) { witness.see(event); });
  witness.finish();
  std::int64_t events = 0;
  predictor.timeline(seq, [&](const TimelineEvent& event) {
    if (++events <= witness.peak_event()) count(facts.alive_at_peak, event);
  });
  drop_absent(facts.alive_at_peak);
  return facts;
}

}  // namespace headroom::test
