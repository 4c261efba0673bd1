#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <headroom/models/read.h>
#include <headroom/sim/predictor.h>

#include "ask.h"
#include "catch.h"

using headroom::test::Answer;
using headroom::test::Arguments;
using headroom::test::ask;
using headroom::test::ask_json;
using headroom::test::contains;
using headroom::test::join;
using headroom::test::lines_of;
using headroom::test::TemporaryFile;
using nlohmann::ordered_json;

namespace {

Arguments small(const Arguments& more) {
  return join({"timeline", "--model", "gpt2", "--budget", "64GiB", "--seq", "1K"}, more);
}

const std::vector<Arguments>& questions() {
  static const std::vector<Arguments> kQuestions{
      small({"--method", "flash"}),
      small({"--method", "mst", "--recompute", "none", "--dropout"}),
      small({"--method", "bpt", "--query-chunk", "256", "--kv-chunk", "256", "--accumulate"}),
      small({"--method", "flash", "--offload-checkpoints"}),
      small({"--method", "flash", "--offload-optimizer", "--sharding", "zero3", "--devices", "2"}),
      small({"--method", "flash", "--pipeline-parallel", "4", "--micro-batches", "4"}),
  };
  return kQuestions;
}

headroom::sim::Predictor predictor_of(const ordered_json& json) {
  return headroom::sim::Predictor(headroom::parse_job(json["job"].dump(), "job").value);
}

/// The live bytes behind every event of one memory, from the library.
std::vector<std::int64_t> live_bytes(const headroom::sim::Predictor& predictor, headroom::sim::Memory memory) {
  std::vector<std::int64_t> live;
  predictor.step_timeline(predictor.job().seq, [&](headroom::sim::Memory where, const auto& event) {
    if (where == memory) live.push_back(event.live.count());
  });
  return live;
}

/// What a trace's counters say of one memory, behind each of its events.
struct Counted {
  std::vector<std::int64_t> sums;   ///< of the categories
  std::vector<std::int64_t> total;  ///< the counter of their sum
};

std::map<int, Counted> counted(const ordered_json& trace) {
  std::map<int, Counted> result;
  std::map<int, std::map<std::string, std::int64_t>> counters;
  for (const ordered_json& event : trace["traceEvents"]) {
    if (event["ph"] != "C") continue;
    const int process = event["pid"];
    const std::int64_t bytes = event["args"]["bytes"];
    if (event["name"] != "allocated") {
      counters[process][event["name"]] = bytes;
      continue;
    }
    std::int64_t sum = 0;
    for (const auto& [name, alive] : counters[process]) sum += alive;
    result[process].sums.push_back(sum);
    result[process].total.push_back(bytes);
  }
  return result;
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("The counters of a trace sum to the live bytes behind every event, and their maximum is the peak") {
  for (const Arguments& question : questions()) {
    const ordered_json trace = ordered_json::parse(ask(join(question, {"--format", "trace"})).out);
    const auto predictor = predictor_of(trace["otherData"]);
    const auto breakdown = predictor.breakdown(predictor.job().seq);
    const auto processes = counted(trace);
    CHECK(processes.at(1).sums == processes.at(1).total);
    CHECK(processes.at(1).total == live_bytes(predictor, headroom::sim::Memory::device));
    CHECK(std::ranges::max(processes.at(1).total) == breakdown.allocated.count());
    CHECK(processes.contains(2) == (breakdown.host.allocated > headroom::Bytes()));
    if (!processes.contains(2)) continue;
    CHECK(processes.at(2).sums == processes.at(2).total);
    CHECK(processes.at(2).total == live_bytes(predictor, headroom::sim::Memory::host));
    CHECK(std::ranges::max(processes.at(2).total) == breakdown.host.allocated.count());
  }
}

TEST_CASE("The slices of a trace follow each other without gaps and cover every event in its instant") {
  const ordered_json trace = ordered_json::parse(ask(join(questions()[0], {"--format", "trace"})).out);
  std::int64_t time = 0;
  std::int64_t begun = 0;
  std::int64_t ended = 0;
  std::int64_t tensors = 0;
  bool is_open = false;
  for (const ordered_json& event : trace["traceEvents"]) {
    const std::string phase = event["ph"];
    if (phase == "M") continue;
    CHECK(event["ts"].get<std::int64_t>() >= time);
    time = event["ts"];
    if (phase == "B") {
      CHECK_FALSE(is_open);
      CHECK((begun == 0 || ended == time));
      begun = time;
      CHECK(event["args"].contains("layer"));
    }
    if (phase == "E") ended = time;
    if (phase == "B" || phase == "E") is_open = phase == "B";
    if (phase == "i") {
      CHECK(is_open);
      CHECK(time == ++tensors);
    }
  }
  CHECK_FALSE(is_open);
  CHECK(ended == tensors + 1);
}

TEST_CASE("A trace names its processes, its time and its job") {
  const ordered_json trace = ordered_json::parse(ask(join(questions()[3], {"--format", "trace"})).out);
  CHECK(trace["otherData"]["schema"] == "headroom/timeline-trace/1");
  CHECK(trace["otherData"]["job"]["model"]["name"] == "gpt2");
  std::vector<std::string> names;
  for (const ordered_json& event : trace["traceEvents"]) {
    if (event["ph"] == "M") names.push_back(event["args"]["name"]);
  }
  CHECK(names == std::vector<std::string>{"device memory", "tensors", "host memory", "tensors", "instants"});
}

TEST_CASE("A timeline in CSV has a record for every event, whose live bytes are the timeline's") {
  for (const Arguments& question : questions()) {
    const auto lines = lines_of(ask(join(question, {"--format", "csv"})).out);
    const auto json = ask_json(question);
    const auto predictor = predictor_of(json);
    const auto device = live_bytes(predictor, headroom::sim::Memory::device);
    const auto host = live_bytes(predictor, headroom::sim::Memory::host);
    CHECK(json["device_events"] == device.size());
    CHECK(json["host_events"] == host.size());
    REQUIRE(lines.size() == 1 + device.size() + host.size());
    std::vector<std::int64_t> live;
    for (const std::string& line : lines) {
      if (line.find(",device,") != std::string::npos) live.push_back(std::stoll(line.substr(line.rfind(',') + 1)));
    }
    CHECK(live == device);
  }
}

TEST_CASE("The peaks of a timeline's instants are the breakdown's peak and its runners-up") {
  for (const Arguments& question : questions()) {
    const ordered_json json = ask_json(question);
    std::map<std::string, std::int64_t> expected{{json["breakdown"]["instant"], json["breakdown"]["allocated_bytes"]}};
    for (const auto& peak : json["breakdown"]["runners_up"]) expected[peak["instant"]] = peak["allocated_bytes"];
    std::int64_t events = 0;
    for (const auto& instant : json["instants"]) {
      events += instant["events"].get<std::int64_t>();
      const auto peak = expected.find(instant["instant"]);
      if (peak != expected.end()) CHECK(instant["device_peak"]["allocated_bytes"] >= peak->second);
    }
    CHECK(events == json["device_events"].get<std::int64_t>() + json["host_events"].get<std::int64_t>());
  }
}

TEST_CASE("A timeline for people fits 80 columns and says how to get every event") {
  for (const Arguments& question : questions()) {
    const Answer answer = ask(question);
    CHECK(answer.code == 0);
    CHECK_THAT(answer.out, contains("births and deaths") && contains("--format trace"));
  }
}

TEST_CASE("A timeline goes to the file named, whole, and standard output stays empty") {
  const TemporaryFile file("timeline.json");
  const Answer answer = ask(join(questions()[0], {"--format", "trace", "--output", file.path()}));
  CHECK(answer.code == 0);
  CHECK(answer.out.empty());
  CHECK(content(file.path()) == ask(join(questions()[0], {"--format", "trace"})).out);
}

TEST_CASE("A timeline of a job beyond the capacity is told and ends with 3") {
  const Answer answer =
      ask({"timeline", "--model", "gpt2", "--budget", "1GiB", "--method", "flash", "--seq", "1K", "--format", "csv"});
  CHECK(answer.code == 3);
  CHECK(lines_of(answer.out).size() > 100);
}

TEST_CASE("A timeline that cannot be written is an error that names the file, and leaves none") {
  for (const std::string path : {"/nowhere/timeline.csv", "/dev/full", "/"}) {
    const Answer answer = ask(join(questions()[0], {"--format", "csv", "--output", path}));
    CHECK(answer.code == 2);
    CHECK_THAT(answer.err, contains("cannot write " + path));
  }
  CHECK_THAT(ask(small({"--method", "flash", "--format", "jsonl"})).err, contains("table, json, csv, trace"));
  CHECK_THAT(ask(small({"--method", "flash", "--format", "traces"})).err, contains("did you mean 'trace'?"));
}
