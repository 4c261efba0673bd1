#include "launcher.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include <headroom/measure/trainer.h>
#include <headroom/models/error.h>

#include "exit_codes.h"
#include "mpirun.h"
#include "program.h"
#include "rank_program.h"
#include "watchdog.h"

namespace headroom::measure::mpi {
namespace {

/// The watchdogs of the ranks speak first.
constexpr auto kGrace = std::chrono::seconds(5);

std::int64_t ranks_of(const Options& options) {
  const Job job = job_of(options.job);
  require_writable(options.record);
  const std::int64_t ranks = options.ranks == 0 ? rank_count(job.degrees) : options.ranks;
  require_runnable(job, {}, ranks);
  return ranks;
}

bool begins_with(const std::string& text, const std::string& part) { return text.rfind(part, 0) == 0; }

/// The word that stands behind `part`; nothing where that is not said.
std::string word_behind(const std::string& text, const std::string& part) {
  const auto found = text.find(part);
  if (found == std::string::npos) return {};
  const auto begin = found + part.size();
  return text.substr(begin, text.find_first_of(" \n", begin) - begin);
}

/// What mpirun and its ranks have said.
class Said {
 public:
  void take(const std::string& line) {
    if (line.empty() || line == kAliveLine) return;
    if (begins_with(line, kProgramName)) {
      // The first rank that fails takes the others along: what they say then is of no interest.
      if (failure_.empty()) failure_ = line;
    } else if (begins_with(line, "run ") || begins_with(line, "note: ")) {
      fmt::print(stderr, "{}\n", line);
    } else {
      rest_ += line + '\n';
    }
  }

  /// Of what went wrong.
  [[nodiscard]] std::string sentence(int code) const {
    if (!failure_.empty()) return failure_;
    const std::string rank = word_behind(rest_, "process rank "), signal = word_behind(rest_, "exited on signal ");
    if (!rank.empty() && !signal.empty()) {
      return fmt::format("{}: rank {} was ended by signal {}", kProgramName, rank, signal);
    }
    return fmt::format("{}{}: the ranks ended with exit code {}", rest_, kProgramName, code);
  }
  [[nodiscard]] bool has_failure() const { return !failure_.empty(); }

 private:
  std::string failure_;
  std::string rest_;
};

bool is_own_code(int code) { return code == kInputError || code == kRefused; }

}  // namespace

int launch_ranks(const Options& options, int argc, const char* const* argv) {
  Mpirun mpirun(ranks_of(options), std::vector<std::string>(argv + 1, argv + argc));
  Said said;
  const std::chrono::seconds limit = options.timeout + kGrace;
  for (;;) {
    const std::optional<Mpirun::Line> line = mpirun.read_line(limit);
    if (!line) throw std::runtime_error(fmt::format("no rank has given a sign of life for {} seconds", limit.count()));
    said.take(line->text);
    if (line->is_end) break;
  }
  const int code = mpirun.wait(limit);
  if (code == kOk) return kOk;
  fmt::print(stderr, "{}\n", said.sentence(code));
  return said.has_failure() && is_own_code(code) ? code : kFailed;
}

}  // namespace headroom::measure::mpi
