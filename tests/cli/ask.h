#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headroom::test {

/// What a command line got: exit code, standard output, standard error.
struct Answer {
  int code = -1;
  std::string out;
  std::string err;
};

using Arguments = std::vector<std::string>;

/// Asks in this process, without "headroom" in front. `colour`: as on a terminal that shows colours.
[[nodiscard]] Answer ask(const Arguments& arguments, bool colour = false);

/// Asks for JSON and parses it.
[[nodiscard]] nlohmann::ordered_json ask_json(Arguments arguments);

[[nodiscard]] Arguments join(Arguments a, const Arguments& b);

/// A question about Llama-3-8B on one A100-80GB in pure bf16 with bf16 AdamW: some methods fit, some do not.
[[nodiscard]] Arguments llama(const Arguments& question);

[[nodiscard]] std::vector<std::string> lines_of(const std::string& text);

/// A file name in the folder for temporary files; the file is removed at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& name);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace headroom::test
