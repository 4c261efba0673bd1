#include <utility>

#include <fmt/format.h>

#include "commands/timeline.h"
#include "data_parts.h"
#include "wording.h"

/// Trace Event Format: "M" names a process or a thread, "B" and "E" begin and end a slice, "i" is an event without
/// length, "C" sets counters. A process is numbered by its memory.
namespace headroom::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kInstants = 1;  ///< thread of the slices
constexpr int kTensors = 2;   ///< thread of births and deaths
constexpr const char* kTotal = "allocated";

int process_of(sim::Memory memory) { return static_cast<int>(memory) + 1; }

std::string json_string(std::string_view text) { return Json(text).dump(); }

std::string metadata(const char* what, int process, int thread, std::string_view name) {
  return fmt::format(R"({{"ph":"M","pid":{},"tid":{},"name":"{}","args":{{"name":{}}}}})", process, thread, what,
                     json_string(name));
}

std::string counter(const LiveBytes& live, std::string_view name, Bytes bytes) {
  return fmt::format(R"({{"ph":"C","pid":{},"ts":{},"name":{},"args":{{"bytes":{}}}}})", process_of(live.memory),
                     live.event, json_string(name), bytes.count());
}

std::string tensor_event(const LiveBytes& live) {
  const sim::TimelineEvent& event = live.what;
  return fmt::format(
      R"({{"ph":"i","s":"t","pid":{},"tid":{},"ts":{},"name":{},"args":{{"bytes":{},"dtype":{},"shape":{}}}}})",
      process_of(live.memory), kTensors, live.event,
      json_string(fmt::format("{} {}", event.name, event.born ? "born" : "dies")), event.bytes.count(),
      json_string(name_of(event.dtype)), json_string(formula_of(event)));
}

std::string slice_begin(std::int64_t time, sim::Moment moment) {
  Json args;
  add_moment(args, moment);
  return fmt::format(R"({{"ph":"B","pid":{},"tid":{},"ts":{},"name":{},"args":{}}})", process_of(sim::Memory::device),
                     kInstants, time, json_string(moment_text(moment)), args.dump());
}

std::string slice_end(std::int64_t time) {
  return fmt::format(R"({{"ph":"E","pid":{},"tid":{},"ts":{}}})", process_of(sim::Memory::device), kInstants, time);
}

}  // namespace

std::string TimelineTrace::begin() {
  std::string text = "{\"traceEvents\":[\n";
  for (const auto& memory : values_of<sim::Memory>()) {
    if (memory.value == sim::Memory::host && !uses_host(job_.method)) continue;
    const int process = process_of(memory.value);
    text += metadata("process_name", process, kInstants, memory.description) + ",\n";
    text += metadata("thread_name", process, kTensors, "tensors") + ",\n";
  }
  return text;
}

std::string TimelineTrace::slice_edges(const LiveBytes& live) {
  if (moment_ == live.what.moment) return {};
  std::string text = moment_ ? slice_end(live.event) + ",\n" : std::string();
  moment_ = live.what.moment;
  return text + slice_begin(live.event, *moment_) + ",\n";
}

std::string TimelineTrace::lines(const LiveBytes& live) {
  last_ = live.event;
  return slice_edges(live) + tensor_event(live) + ",\n" +
         counter(live, category_text(live.what.category), live.of_category) + ",\n" +
         counter(live, kTotal, live.what.live) + ",\n";
}

std::string TimelineTrace::end() {
  const std::string last = moment_ ? slice_end(last_ + 1) + ",\n" : std::string();
  const std::string name = metadata("thread_name", process_of(sim::Memory::device), kInstants, "instants");
  const Json other{{"schema", "headroom/timeline-trace/1"},
                   {"time", "an event is a microsecond: the step's order, not its duration"},
                   {"job", job_json(job_)}};
  return last + name + "\n],\n\"displayTimeUnit\":\"ms\",\n\"otherData\":" + other.dump() + "}\n";
}

}  // namespace headroom::cli
