#include "ask.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "console.h"
#include "run.h"

namespace headroom::test {
namespace {

class Recorder final : public cli::Console {
 public:
  explicit Recorder(bool colour) : colour_(colour) {}
  void out(std::string_view text) override { answer.out += text; }
  void err(std::string_view text) noexcept override { answer.err += text; }
  [[nodiscard]] bool shows_colour() const override { return colour_; }
  [[nodiscard]] bool is_terminal(Stream) const override { return false; }

  Answer answer;

 private:
  bool colour_;
};

}  // namespace

Answer ask(const Arguments& arguments, bool colour) {
  std::vector<const char*> argv{"headroom"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  Recorder recorder(colour);
  recorder.answer.code = cli::run(static_cast<int>(argv.size()), argv.data(), recorder);
  return recorder.answer;
}

nlohmann::ordered_json ask_json(Arguments arguments) {
  arguments.insert(arguments.end(), {"--format", "json"});
  return nlohmann::ordered_json::parse(ask(arguments).out);
}

Arguments join(Arguments a, const Arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Arguments llama(const Arguments& question) {
  return join(question, {"--model", "llama-3-8b", "--hardware", "A100-80GB", "--precision", "bf16",
                         "--optimizer-states", "bf16"});
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

TemporaryFile::TemporaryFile(const std::string& name)
    : path_(std::filesystem::temp_directory_path() / ("headroom-cli-test-" + std::to_string(getpid()) + "-" + name)) {}

TemporaryFile::~TemporaryFile() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace headroom::test
