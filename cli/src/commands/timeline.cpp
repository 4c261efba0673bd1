#include "commands/timeline.h"

#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "commands/commands.h"
#include "deliver.h"
#include "exit_code.h"
#include "interruption.h"
#include "job_request.h"
#include "output_options.h"
#include "result_stream.h"
#include "wording.h"

namespace headroom::cli {
namespace {

struct Options {
  JobOptions job;
  OutputOptions output;
};

std::size_t index_of(sim::Memory memory) { return static_cast<std::size_t>(memory); }

/// Tells every event of the step to `sink(LiveBytes)`. Throws Interrupted.
template <class Sink>
void tell(const Job& job, const Interruption& interruption, Sink sink) {
  std::array<BytesByCategory, kMemories> alive{};
  std::int64_t events = 0;
  sim::Predictor(job).step_timeline(job.seq, [&](sim::Memory memory, const sim::TimelineEvent& event) {
    if (interruption.signal() != 0) {
      throw Interrupted(interruption.signal(), fmt::format("interrupted after {} events of the timeline", events));
    }
    Bytes& of_category = alive[index_of(memory)][event.category];
    event.born ? of_category += event.bytes : of_category -= event.bytes;
    sink(LiveBytes{++events, memory, event, of_category});
  });
}

void add_event(TimelineResult& result, std::optional<sim::Moment>& now, const LiveBytes& live) {
  const sim::TimelineEvent& event = live.what;
  InstantFacts& facts = result.instants[static_cast<std::size_t>(event.moment.instant)];
  if (now != event.moment) ++facts.times;
  now = event.moment;
  ++facts.events;
  ++result.events[index_of(live.memory)];
  std::optional<sim::Peak>& peak = facts.peaks[index_of(live.memory)];
  if (!peak || event.live > peak->allocated) peak = {event.live, event.moment};
}

void summarise(TimelineResult& result, const OutputOptions& options, const Interruption& interruption,
               Console& console) {
  ResultStream stream(options.output(), console);
  std::optional<sim::Moment> now;
  tell(result.prediction.job, interruption, [&](const LiveBytes& live) { add_event(result, now, live); });
  stream.add(options.format() == Format::json ? json_text(to_json(result)) : to_text(result, options.style(console)));
  stream.finish();
}

void write_events(const Job& job, TimelineWriter& writer, const OutputOptions& options,
                  const Interruption& interruption, Console& console) {
  ResultStream stream(options.output(), console);
  stream.add(writer.begin());
  tell(job, interruption, [&](const LiveBytes& live) { stream.add(writer.lines(live)); });
  stream.add(writer.end());
  stream.finish();
}

/// The timeline is of one stage; its host memory may not be the fullest.
std::vector<std::string> notes_on_host(const Prediction& prediction) {
  const sim::Moment device = prediction.breakdown.moment;
  const sim::HostMemory& host = prediction.breakdown.host;
  if (host.allocated == Bytes() || host.moment.stage == device.stage) return {};
  return {
      fmt::format("the timeline is of pipeline stage {}, the fullest on the device; host memory is fullest on "
                  "stage {}",
                  device.stage, host.moment.stage)};
}

int answer(const Options& options, Console& console) {
  const Format format = options.output.format();
  const JobRequest request = options.job.build();
  const std::vector<Prediction> predictions = predict_at_length(request);
  TimelineResult result{predictions.front(), {}, {}, notes_on(request, predictions)};
  for (std::string& note : notes_on_host(result.prediction)) result.notes.push_back(std::move(note));
  const Job& job = result.prediction.job;
  const Interruption interruption;
  if (format == Format::csv) {
    TimelineCsv writer;
    write_events(job, writer, options.output, interruption, console);
  } else if (format == Format::trace) {
    TimelineTrace writer(job);
    write_events(job, writer, options.output, interruption, console);
  } else {
    summarise(result, options.output, interruption, console);
  }
  print_notes(result.notes, console);
  return exit_code_for(predictions);
}

}  // namespace

Action add_timeline(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  options->job.add_to(app, JobOptions::Methods::one, JobOptions::Length::required);
  options->output.add_to(app, {Format::table, Format::json, Format::csv, Format::trace});
  return [options](Console& console) { return answer(*options, console); };
}

}  // namespace headroom::cli
