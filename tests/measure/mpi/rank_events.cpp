#include "rank_events.h"

#include <algorithm>

#include <fmt/format.h>

#include "catch.h"
#include "ranks.h"

namespace headroom::test {
namespace {

using measure::Event;

std::string_view short_name(Category category) {
  switch (category) {
    case Category::saved_activations: return "saved";
    case Category::communication: return "message";
    default: return name_of(category);
  }
}

std::string told(const Event& event) {
  if (!event.birth) return fmt::format("-{}", event.label.name);
  return fmt::format("+{} {} {}", event.label.name, event.bytes.count(), short_name(event.label.category));
}

}  // namespace

Events told(const std::vector<Event>& events) {
  Events all;
  for (const Event& event : events) all.push_back(told(event));
  return all;
}

std::vector<Event> timeline_of(const Job& job, Side side) {
  Bench bench;
  measure::Ledger& ledger = (side == Side::device ? bench.memory : bench.host).ledger();
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, this_rank()), exchange);
  measure::Training training;
  training.micro_batches = 1;
  measure::Trainer trainer(*bench.backend, bench.memory, job, training, nullptr, communicator, bench.host_side());
  ledger.begin_timeline();
  (void)trainer.step();
  return ledger.timeline();
}

Events events_of(const Job& job, std::string_view instant, Side side) {
  Events events;
  for (const Event& event : timeline_of(job, side)) {
    if (event.instant.name == instant) events.push_back(told(event));
  }
  return events;
}

Events between(const Events& events, const std::string& first, const std::string& last) {
  const auto begin = std::find(events.begin(), events.end(), first);
  const auto end = std::find(begin, events.end(), last);
  REQUIRE(end != events.end());
  return {begin, end + 1};
}

}  // namespace headroom::test
