#include <sys/wait.h>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <headroom/models/record.h>

#include "ask.h"
#include "catch.h"
#include "records.h"

using headroom::test::Answer;
using headroom::test::contains;
using headroom::test::Folder;
using headroom::test::lines_of;

namespace {

/// Whether OpenMPI was there when this was built.
bool measures_ranks() { return std::filesystem::exists(HEADROOM_PROGRAM_FOLDER "/headroom-measure-mpi"); }

/// Runs a script in `folder` with headroom on the PATH; `out` is standard output and standard error.
Answer shell(const Folder& folder, const std::string& script) {
  std::ofstream(folder.file("script.sh")) << "PATH=" HEADROOM_PROGRAM_FOLDER ":$PATH\n" << script;
  std::FILE* pipe = popen(("cd " + folder.path().string() + " && sh -e script.sh 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  Answer answer;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) answer.out.append(buffer, n);
  const int status = pclose(pipe);
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return answer;
}

/// A folder with small.json, a job of a second or less, and large.json, one of several seconds.
void write_jobs(const Folder& folder) {
  const auto job = [](int hidden, int seq) {
    std::ostringstream text;
    text
        << R"({"headroom": "job/1", "model": {"name": "small", "hidden": )" << hidden
        << R"(, "vocab": 2000, "norm": "rmsnorm", "positions": "rope", "kinds": [{"heads": 4, "kv_heads": 2,)"
        << R"( "head_dim": 16, "ffn_hidden": 512, "activation": "swiglu"}], "layers": [{"repeat": 3, "period": [0]}]},)"
        << R"( "device": {"name": "budget", "capacity": {"bytes": 1073741824}}, "method": "bpt", "seq": )" << seq
        << "}";
    return text.str();
  };
  std::ofstream(folder.file("small.json")) << job(64, 100);
  std::ofstream(folder.file("large.json")) << job(1024, 8192);
}

bool exists(const Folder& folder, const std::string& name) { return std::filesystem::exists(folder.file(name)); }

struct Block {
  std::string language;
  std::string text;
};

/// The fenced blocks of a page.
std::vector<Block> blocks_of(const std::string& path) {
  std::vector<Block> blocks;
  std::ifstream file(path);
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.substr(0, 3) == "```") {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), ""});
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

/// The steps of a workflow that ask headroom.
std::string headroom_steps(const std::string& workflow) {
  const std::string start = "- run: headroom";
  std::string script;
  for (const std::string& line : lines_of(workflow)) {
    const std::size_t at = line.find(start);
    if (at != std::string::npos) script += line.substr(at + 7) + "\n";
  }
  return script;
}

}  // namespace

TEST_CASE("What measure records, validate finds in agreement") {
  const Folder folder;
  write_jobs(folder);
  const Answer measured = shell(folder, "headroom measure --job small.json --record r.json --steps 2 --repeats 2\n");
  INFO(measured.out);
  CHECK(measured.code == 0);
  CHECK_THAT(measured.out, contains("The record is in r.json") && contains("bytes"));
  CHECK(headroom::read_record(folder.file("r.json")).value.runs.size() == 2);
  const Answer validated = shell(folder, "headroom validate r.json\n");
  CHECK(validated.code == 0);
  CHECK(lines_of(validated.out).back() == "1 record: 1 agree, 0 do not");
}

TEST_CASE("A job given by options is measured as one from a file") {
  const Folder folder;
  write_jobs(folder);
  const Answer answer = shell(folder,
                              "headroom measure --job small.json --method flash --seq 64 --timeline --threads 1 "
                              "--record r.json\n");
  INFO(answer.out);
  REQUIRE(answer.code == 0);
  const headroom::Record record = headroom::read_record(folder.file("r.json")).value;
  CHECK(record.job.method.name == "flash");
  CHECK(record.job.seq == headroom::Tokens(64));
  CHECK(record.threads == 1);
  CHECK_FALSE(record.timeline.empty());
}

TEST_CASE("A measurement beyond the limit ends with 3 and writes nothing") {
  const Folder folder;
  write_jobs(folder);
  const Answer answer = shell(folder, "headroom measure --job small.json --limit 100KiB --record r.json\n");
  CHECK(answer.code == 3);
  CHECK_THAT(answer.out, contains("no memory for the tensor"));
  CHECK_FALSE(exists(folder, "r.json"));
}

TEST_CASE("Mistakes in the options of measure are one sentence and exit code 2") {
  const Folder folder;
  write_jobs(folder);
  const auto told = [&](const std::string& options) {
    const Answer answer = shell(folder, "headroom measure --job small.json " + options + "\n");
    CHECK(answer.code == 2);
    CHECK(lines_of(answer.out).size() == 1);
    CHECK_FALSE(exists(folder, "r.json"));
    return answer.out;
  };
  CHECK_THAT(told(""), contains("--record is missing"));
  CHECK_THAT(told("--record r.json --seq 0"), contains("--seq"));
  CHECK_THAT(told("--record r.json --steps 0"), contains("--steps must be a whole number from 1, not '0'"));
  CHECK_THAT(told("--record r.json --limit much"), contains("--limit must be"));
  CHECK_THAT(told("--record r.json --backend tpu"), contains("--backend") && contains("host"));
  CHECK_THAT(told("--record r.json --method ring --ranks 2 --backend host"), contains("the job runs on 2 ranks"));
  CHECK_THAT(told("--record nowhere/r.json"), contains("the folder nowhere does not exist"));
}

TEST_CASE("A job on several ranks is measured by ranks, and every rank agrees with its prediction") {
  if (!measures_ranks()) return;
  const Folder folder;
  write_jobs(folder);
  const Answer answer = shell(folder,
                              "headroom measure --job small.json --method ulysses --sharding zero3 --ranks 2 "
                              "--record r.json && headroom validate r.json --format json\n");
  INFO(answer.out);
  REQUIRE(answer.code == 0);
  CHECK_THAT(answer.out, contains("on the fullest of 2 ranks"));
  const headroom::Record record = headroom::read_record(folder.file("r.json")).value;
  CHECK(record.backend == "mpi");
  REQUIRE(record.ranks.size() == 2);
  for (const headroom::MeasuredRank& rank : record.ranks) {
    REQUIRE(rank.sent);
    CHECK(rank.sent->messages > 0);
  }
}

TEST_CASE("Without the program that measures, measure and validate --live say so in one sentence") {
  const Folder folder;
  write_jobs(folder);
  std::filesystem::copy_file(HEADROOM_PROGRAM_FOLDER "/headroom", folder.file("headroom"));
  for (const std::string command : {"measure --job small.json --record r.json", "validate --live",
                                    "measure --job small.json --method ring --ranks 2 --record r.json"}) {
    const Answer answer = shell(folder, "PATH= ./headroom " + command + "\n");
    CHECK(answer.code == 2);
    CHECK_THAT(answer.out, contains("headroom-measure-host is not") || contains("headroom-measure-mpi is not"));
    CHECK_THAT(lines_of(answer.out).back(), contains("is not installed"));
  }
}

TEST_CASE("The program that measures is found in libexec/headroom of an installation") {
  const Folder folder;
  write_jobs(folder);
  const Answer answer = shell(folder,
                              "mkdir -p p/bin p/libexec/headroom\n"
                              "cp " HEADROOM_PROGRAM_FOLDER
                              "/headroom p/bin\n"
                              "cp " HEADROOM_PROGRAM_FOLDER
                              "/headroom-measure-host p/libexec/headroom\n"
                              "PATH= p/bin/headroom measure --job small.json --record r.json\n");
  INFO(answer.out);
  CHECK(answer.code == 0);
}

TEST_CASE("A signal that ends the measurement leaves no record and is told: exit code 1") {
  const Folder folder;
  write_jobs(folder);
  for (const std::string signal : {"INT", "TERM"}) {
    // A shell starts background commands with SIGINT ignored: env gives the standard action back.
    const Answer answer = shell(folder,
                                "env --default-signal=INT headroom measure --job large.json --record r.json & p=$!\n"
                                "sleep 1; kill -" +
                                    signal + " $p; wait $p || exit $?\n");
    INFO(answer.out);
    CHECK(answer.code == 1);
    CHECK_THAT(answer.out, contains("headroom-measure-host was ended by a signal"));
    CHECK_FALSE(exists(folder, "r.json"));
  }
}

TEST_CASE("A killed measurement leaves no record, and an older one stays as it was") {
  const Folder folder;
  write_jobs(folder);
  const Answer answer = shell(folder,
                              "headroom measure --job small.json --record r.json; cp r.json before.json\n"
                              "headroom measure --job large.json --record r.json & p=$!\n"
                              "sleep 1; kill -9 $(cat /proc/$p/task/$p/children); wait $p || echo \"ended with $?\"\n"
                              "cmp r.json before.json\n");
  INFO(answer.out);
  CHECK(answer.code == 0);
  CHECK_THAT(answer.out, contains("ended by a signal (Killed)") && contains("ended with 1"));
}

TEST_CASE("validate --live measures every method and finds them in agreement") {
  const Folder folder;
  const Answer answer = shell(folder, "headroom validate --live\n");
  INFO(answer.out);
  CHECK(answer.code == 0);
  CHECK_THAT(answer.out, contains("5 records: 5 agree, 0 do not"));
}

TEST_CASE("The commands of docs/ci.md do what the page says") {
  const Folder folder;
  std::filesystem::create_directory(folder.file("memory"));
  int scripts = 0;
  for (const Block& block : blocks_of(HEADROOM_CI_PAGE)) {
    if (block.language == "json") {
      std::ofstream(folder.file("memory/job.json")) << block.text;
      continue;
    }
    const std::string script = block.language == "yaml" ? headroom_steps(block.text) : block.text;
    CHECK_THAT(script, contains("headroom measure --job memory/job.json"));
    ++scripts;
    if (contains("--ranks").match(script) && !measures_ranks()) continue;
    const Answer answer = shell(folder, script);
    INFO(script << answer.out);
    CHECK(answer.code == 0);
  }
  CHECK(scripts == 3);
}

TEST_CASE("A dry run predicts and measures nothing, with and without room under the limit") {
  const Folder folder;
  write_jobs(folder);
  const Answer fits = shell(folder, "headroom measure --job small.json --dry-run\n");
  INFO(fits.out);
  CHECK(fits.code == 0);
  CHECK_THAT(fits.out,
             contains("Would measure small at 100 tokens with bpt on the host backend") && contains("Predicted:"));
  const Answer beyond = shell(folder, "headroom measure --job small.json --dry-run --limit 100KiB\n");
  CHECK(beyond.code == 3);
  CHECK_THAT(beyond.out, contains("not started:") && contains("the limit is 100.0 KiB"));
  const Answer json = shell(folder, "headroom measure --job small.json --dry-run --format json\n");
  CHECK_THAT(json.out, contains("\"schema\": \"headroom/measure-plan/1\"") && contains("\"free_bytes\": null"));
}

TEST_CASE("Options of a GPU need its backend") {
  const Folder folder;
  write_jobs(folder);
  for (const std::string option : {"--kernels", "--no-cupti", "--device 1"}) {
    const Answer answer = shell(folder, "headroom measure --job small.json --record r.json " + option + "\n");
    CHECK(answer.code == 2);
    CHECK_THAT(answer.out, contains("give --backend cuda too"));
  }
}

TEST_CASE("On a GPU what is predicted not to fit is not started, and what fits is") {
  const Folder folder;
  write_jobs(folder);
  // Stands for the program on a machine with a GPU of 1 MiB, then of 1 GiB.
  const auto with_free = [](const std::string& bytes) {
    return "mkdir -p bin; cat >bin/headroom-measure-cuda <<'END'\n#!/bin/sh\necho \"$*\" >>asked\n"
           "[ \"$1\" = --free-memory ] && printf 'name a small GPU\\nfree_bytes " +
           bytes +
           "\\ntotal_bytes 99999999999\\n' && exit 0\necho started >&2; exit 1\nEND\n"
           "chmod +x bin/headroom-measure-cuda; cp " HEADROOM_PROGRAM_FOLDER
           "/headroom bin\n"
           "bin/headroom measure --backend cuda --device 1 --kernels --job small.json --record r.json";
  };
  const Answer refused = shell(folder, with_free("1048576") + "\n");
  INFO(refused.out);
  CHECK(refused.code == 3);
  CHECK_THAT(refused.out, contains("not started:") && contains("a small GPU has 1.00 MiB (1,048,576 bytes) free"));
  const Answer dry = shell(folder, with_free("1048576") + " --dry-run\n");
  CHECK(dry.code == 3);
  CHECK_THAT(dry.out, contains("Would measure small") && contains("not started:"));
  const Answer limited = shell(folder, with_free("1073741824") + " --limit 100KiB\n");
  CHECK(limited.code == 3);
  CHECK_THAT(limited.out, contains("and the limit is 100.0 KiB"));
  const Answer started = shell(folder, with_free("1073741824") + "\n");
  CHECK(started.code == 1);
  CHECK_THAT(started.out, contains("started"));
  CHECK_THAT(shell(folder, "cat asked\n").out,
             contains("--free-memory --device 1") && contains("--device 1 --kernels"));
}
