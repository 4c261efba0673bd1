#include "model/timeline.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <tuple>
#include <utility>

#include <headroom/models/error.h>
#include <headroom/sim/predictor.h>

#include "model/text.h"

namespace headroom::gui {
namespace {

constexpr std::int64_t kMostEvents = 60'000'000;
constexpr std::int64_t kMostInstants = 20'000;
constexpr std::int64_t kEventsBetweenReports = 1 << 16;

/// Leaves the narration early.
struct Superseded {};

/// Bytes by category as they change.
class Levels {
 public:
  void apply(const sim::TimelineEvent& event) {
    Bytes& level = categories_[event.category];
    level = event.born ? level + event.bytes : level - event.bytes;
  }
  [[nodiscard]] const BytesByCategory& categories() const { return categories_; }

 private:
  BytesByCategory categories_;
};

/// Live tensors by name.
class LiveTensors {
 public:
  void apply(const sim::TimelineEvent& event) {
    auto& [count, bytes] = groups_[{event.category, event.name}];
    count += event.born ? 1 : -1;
    bytes = event.born ? bytes + event.bytes : bytes - event.bytes;
  }

  [[nodiscard]] std::vector<LiveGroup> largest_first() const {
    std::vector<LiveGroup> groups;
    for (const auto& [key, value] : groups_) {
      if (value.first > 0) groups.push_back({std::string(key.second), key.first, value.first, value.second});
    }
    std::stable_sort(groups.begin(), groups.end(),
                     [](const LiveGroup& a, const LiveGroup& b) { return a.bytes > b.bytes; });
    return groups;
  }

 private:
  std::map<std::pair<Category, std::string_view>, std::pair<std::int64_t, Bytes>> groups_;
};

/// Where one instant is at its highest.
struct Highest {
  sim::Moment moment;
  Bytes live;
  std::int64_t event;
};

/// Counts events, reports, and stops where asked to.
class Reporter {
 public:
  Reporter(const Progress& progress, double from, double to) : progress_(progress), from_(from), to_(to) {}

  /// The number of the event that is told; `all` is how many there will be, or a guess.
  std::int64_t count(std::int64_t all) {
    if (told_ >= kMostEvents) throw InputError("this step has too many events to be shown one by one");
    if (told_ % kEventsBetweenReports == 0) {
      const double share = std::min(1.0, static_cast<double>(told_) / static_cast<double>(all));
      if (!progress_(from_ + share * (to_ - from_))) throw Superseded();
    }
    return told_++;
  }
  [[nodiscard]] std::int64_t told() const { return told_; }

 private:
  const Progress& progress_;
  double from_;
  double to_;
  std::int64_t told_ = 0;
};

/// The highest event of each instant, in order.
std::vector<Highest> find_highest(const sim::Predictor& predictor, Tokens seq, Reporter& reporter) {
  std::vector<Highest> highest;
  predictor.timeline(seq, [&](const sim::TimelineEvent& event) {
    const std::int64_t number = reporter.count(kMostEvents);
    if (highest.empty() || highest.back().moment != event.moment) {
      if (static_cast<std::int64_t>(highest.size()) >= kMostInstants) {
        throw InputError("this step has too many instants to be shown one by one");
      }
      highest.push_back({event.moment, event.live, number});
    } else if (event.live > highest.back().live) {
      highest.back() = {event.moment, event.live, number};
    }
  });
  return highest;
}

void add_overhead(BytesByCategory& categories, const Device& device) {
  categories[Category::context] += device.context.bytes;
  categories[Category::workspace] += device.workspace.bytes;
  categories[Category::allocator_slack] += device.allocator_slack.bytes;
}

/// What is alive behind each of those events.
std::vector<InstantPeak> describe(const sim::Predictor& predictor, Tokens seq, const std::vector<Highest>& highest,
                                  Reporter& reporter, std::int64_t all) {
  std::vector<InstantPeak> instants;
  Levels levels;
  LiveTensors live;
  predictor.timeline(seq, [&](const sim::TimelineEvent& event) {
    const std::int64_t number = reporter.count(all);
    levels.apply(event);
    live.apply(event);
    if (instants.size() == highest.size() || highest[instants.size()].event != number) return;
    instants.push_back({event.moment, levels.categories(), live.largest_first()});
    add_overhead(instants.back().categories, predictor.job().device);
  });
  return instants;
}

std::size_t first_largest(const std::vector<InstantPeak>& instants) {
  const auto largest = std::max_element(
      instants.begin(), instants.end(),
      [](const InstantPeak& a, const InstantPeak& b) { return a.categories.total() < b.categories.total(); });
  return static_cast<std::size_t>(largest - instants.begin());
}

}  // namespace

std::optional<Timeline> tell_timeline(const Job& job, const Progress& progress) {
  Timeline timeline;
  timeline.job = job;
  try {
    const sim::Predictor predictor(job);
    Reporter first(progress, 0, 0.5);
    const std::vector<Highest> highest = find_highest(predictor, job.seq, first);
    Reporter second(progress, 0.5, 1);
    timeline.instants = describe(predictor, job.seq, highest, second, first.told());
    timeline.peak = first_largest(timeline.instants);
  } catch (const Superseded&) {
    return std::nullopt;
  } catch (const InputError& error) {
    timeline.refused = error.what();
    timeline.instants.clear();
  }
  return timeline;
}

}  // namespace headroom::gui
