// Mutated models, devices and jobs: each is refused in one sentence, or predicted without a negative size.
// HEADROOM_MUTATIONS in the environment sets how many; the first failing one is printed with its seed.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>
#include <headroom/models/reproduction.h>
#include <headroom/sim/reproduce.h>

#include "ask.h"
#include "catch.h"
#include "every_question.h"
#include "mutator.h"
#include "random_jobs.h"

namespace headroom::test {
namespace {

/// Of `percent` of all mutations.
std::uint64_t mutations(std::uint64_t percent) {
  const char* number = std::getenv("HEADROOM_MUTATIONS");
  return (number == nullptr ? 5000 : std::strtoull(number, nullptr, 10)) * percent / 100;
}

/// The texts of all JSON files of a folder of the repository, in the order of their names.
std::vector<std::string> texts_of(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(HEADROOM_SOURCE_DIR) + "/" + folder)) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts;
  for (const auto& path : paths) {
    std::ifstream file(path);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return texts;
}

/// Reads one text and asks what can be asked; throws InputError for a refused one.
using Target = std::function<void(const std::string& text, Random& random)>;

struct Count {
  std::uint64_t refused = 0;
  std::uint64_t accepted = 0;
};

/// What `target` does wrong with one text, or nothing.
std::string fault_of(const Target& target, const std::string& text, Random& random, Count& count) {
  std::string sentence;
  try {
    const bool accepted = answered([&] { target(text, random); }, sentence);
    ++(accepted ? count.accepted : count.refused);
    return accepted ? "" : fault_of_sentence(sentence);
  } catch (const std::exception& error) {
    return error.what();
  }
}

void every_mutation(const std::vector<std::string>& texts, std::uint64_t percent, const Target& target) {
  REQUIRE(!texts.empty());
  Count count;
  const std::uint64_t all = mutations(percent);
  for (std::uint64_t seed = 0; seed < all; ++seed) {
    Random random(seed);
    const std::string& original = random.one_of(texts);
    const std::string text = Mutator(random.next()).mutated(original);
    const std::string fault = fault_of(target, text, random, count);
    if (!fault.empty()) FAIL(fault << "\nseed " << seed << ", text:\n" << text);
  }
  WARN(count.refused << " refused, " << count.accepted << " accepted");
  CHECK(count.refused > all / 10);
  CHECK(count.accepted > all / 10);
}

void check_saved(const Job& job) {
  std::string sentence;
  Job saved;
  require(answered([&] { saved = parse_job(job_to_json(job), "saved.json").value; }, sentence),
          "a saved job is refused");
  require(saved == job, "a job changes when it is saved and read");
}

/// A model is asked for with any method on any device.
void read_and_predict_model(const std::string& text, Random& random) {
  Job job = random_job(random.next() % 1000);
  job.model = parse_model(text, "mutated.json").value;
  job.method = method_preset(random.one_of(method_names())).method;
  if (random.chance(50)) job.device = device_preset(random.one_of(device_names()));
  ask_everything(job);
}

}  // namespace

TEST_CASE("mutated descriptions of models and Hugging Face configs are refused in one sentence or predicted") {
  std::vector<std::string> texts = texts_of("models/transformers");
  for (const char* folder : {"tests/models/data/hugging-face", "tests/models/data/broken"}) {
    for (std::string& text : texts_of(folder)) texts.push_back(std::move(text));
  }
  every_mutation(texts, 45, read_and_predict_model);
}

TEST_CASE("mutated descriptions of devices are refused in one sentence or filled") {
  every_mutation(texts_of("models/hardware"), 10, [](const std::string& text, Random& random) {
    Job job = random_job(random.next() % 1000);
    job.device = parse_device(text, "mutated.json").value;
    ask_everything(job);
  });
}

TEST_CASE("mutated reproduction files are refused in one sentence or reproduced") {
  every_mutation(texts_of("models/reproductions"), 5, [](const std::string& text, Random&) {
    const Reproduction reproduction = parse_reproduction(text, "mutated.json").value;
    const sim::Reproduced result = sim::reproduce(reproduction);
    require(result.rows.size() == reproduction.rows.size(), "a row is lost");
  });
}

TEST_CASE("mutated jobs are refused in one sentence or predicted, and are saved as they were read") {
  std::vector<std::string> texts;
  for (std::uint64_t seed = 0; seed < 300; ++seed) texts.push_back(job_to_json(random_job(seed)));
  every_mutation(texts, 40, [](const std::string& text, Random&) {
    const Job job = parse_job(text, "mutated.json").value;
    check_saved(job);
    ask_everything(job);
  });
}

TEST_CASE("commands that are given mutated job files answer or refuse in one sentence, as the reader does") {
  std::vector<std::string> texts;
  for (std::uint64_t seed = 0; seed < 100; ++seed) texts.push_back(job_to_json(random_job(seed)));
  const TemporaryFile file("mutated-job.json");
  every_mutation(texts, 5, [&file](const std::string& text, Random& random) {
    std::ofstream(file.path(), std::ios::binary | std::ios::trunc) << text;
    const std::string command =
        random.one_of(std::vector<std::string>{"max-context", "breakdown", "compare", "explain"});
    const Answer answer = ask({command, "--job", file.path()});
    require(answer.code == 0 || answer.code == 2 || answer.code == 3, "the exit code is not 0, 2 or 3");
    require((answer.code == 2) == answer.out.empty(), "a refusal prints a result, or an answer none");
    require(answer.out.find("nan") == std::string::npos, "a result is not a number");
    if (answer.code != 2) return static_cast<void>(parse_job(text, "accepted.json"));
    require(answer.err.rfind("headroom: ", 0) == 0 && answer.err.back() == '\n', "a refusal is not a line of headroom");
    throw InputError(answer.err.substr(0, answer.err.size() - 1));
  });
}

}  // namespace headroom::test
