#include <algorithm>
#include <cstdlib>
#include <random>

#include "ask.h"
#include "catch.h"

using headroom::test::Arguments;
using headroom::test::ask;

namespace {

const std::vector<Arguments> kSeeds{
    {"max-context", "--model", "gpt2", "--hardware", "V100-16GB", "--method", "flash", "--batch", "2", "--grid",
     "pow2"},
    {"max-context", "--model", "gpt2", "--budget", "8GiB", "--head", "chunked", "--head-chunk", "2K", "--precision",
     "bf16"},
    {"breakdown", "--model", "gpt2", "--hardware", "H200", "--method", "bpt", "--seq", "32K", "--recompute", "every:4"},
    {"compare", "--model", "gpt2", "--budget", "80GB", "--seq", "1M", "--optimizer", "sgd", "--format", "csv"},
    {"explain", "--model", "gpt2", "--budget", "80GB", "--seq", "128K", "--method", "mst", "--sources", "--format",
     "json"},
    {"max-batch", "--model", "gpt2", "--budget", "80GB", "--seq", "4K", "--method", "mst"},
    {"diff", "--model", "gpt2", "--budget", "80GB", "--seq", "4K", "--method", "mst", "--with", "head=dense", "--with",
     "batch=3"},
    {"sweep", "--model", "gpt2", "--budget", "80GB", "--method", "mst", "--vary", "seq=1K:8K:*2", "--vary",
     "recompute=none,every:2", "--format", "csv"},
    {"sweep", "--model", "gpt2", "--budget", "80GB", "--vary", "method=flash,bpt", "--vary", "batch=1:9:+4"},
    {"timeline", "--model", "gpt2", "--budget", "80GB", "--seq", "1K", "--method", "flash"},
    {"models", "gpt2"},
    {"hardware", "H200", "--color", "always"},
    {"methods", "mst", "--format", "json"},
};

const std::vector<std::string> kPieces{"--seq",
                                       "--batch",
                                       "--model",
                                       "--job",
                                       "--method",
                                       "all",
                                       "0",
                                       "-1",
                                       "1e308",
                                       "9223372036854775807",
                                       "1099511627776",
                                       "1T",
                                       "nan",
                                       "every:",
                                       "",
                                       "-",
                                       "--",
                                       "--=",
                                       "=",
                                       "[",
                                       "]",
                                       "{}",
                                       "%n%s",
                                       "../",
                                       "/",
                                       "\xff\xfe",
                                       "\x1b[2J",
                                       "--help",
                                       "--ffn-chunk",
                                       "hidden",
                                       "--kv-chunk",
                                       "--dropout",
                                       "--no-dropout"};

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  Arguments next() {
    Arguments arguments = kSeeds[below(kSeeds.size())];
    for (std::size_t i = 1 + below(3); i > 0; --i) mutate(arguments);
    return arguments;
  }

 private:
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  void mutate(Arguments& arguments) {
    const std::size_t at = below(arguments.size());
    switch (below(5)) {
      case 0: arguments[at] = kPieces[below(kPieces.size())]; break;
      case 1:
        arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(at), kPieces[below(kPieces.size())]);
        break;
      case 2:
        if (arguments.size() > 1) arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 3: std::swap(arguments[at], arguments[below(arguments.size())]); break;
      default:
        if (!arguments[at].empty()) arguments[at][below(arguments[at].size())] = static_cast<char>(1 + below(255));
    }
  }

  std::mt19937 random_;
};

int mutations() {
  const char* number = std::getenv("HEADROOM_MUTATIONS");
  return number == nullptr ? 2000 : std::atoi(number);
}

}  // namespace

TEST_CASE("Mutated command lines get an answer or one sentence") {
  Mutator mutator(20240731);
  for (int i = 0; i < mutations(); ++i) {
    const Arguments arguments = mutator.next();
    std::string line;
    for (const std::string& argument : arguments) line += " '" + argument + "'";
    const auto answer = ask(arguments);
    INFO(line << "\n" << answer.err);
    REQUIRE((answer.code == 0 || answer.code == 2 || answer.code == 3));
    if (answer.code == 2) {
      REQUIRE(answer.out.empty());
      REQUIRE(answer.err.rfind("headroom: ", 0) == 0);
      REQUIRE(std::count(answer.err.begin(), answer.err.end(), '\n') == 1);
      REQUIRE(answer.err.find("should not have happened") == std::string::npos);
    } else {
      REQUIRE_FALSE(answer.out.empty());
      REQUIRE(answer.out.find("nan") == std::string::npos);
    }
  }
}
