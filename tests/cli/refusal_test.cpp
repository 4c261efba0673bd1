#include <algorithm>

#include "ask.h"
#include "catch.h"

using headroom::test::Arguments;
using headroom::test::ask;
using headroom::test::contains;
using headroom::test::llama;

namespace {

/// The sentence behind "headroom: "; fails unless it is the only line and the exit code is 2.
std::string refusal(const Arguments& arguments) {
  const auto answer = ask(arguments);
  INFO(answer.err);
  CHECK(answer.code == 2);
  CHECK(answer.out.empty());
  REQUIRE(answer.err.size() > 11);
  CHECK(answer.err.substr(0, 10) == "headroom: ");
  CHECK(std::count(answer.err.begin(), answer.err.end(), '\n') == 1);
  return answer.err.substr(10, answer.err.size() - 11);
}

Arguments flash(const Arguments& more) {
  return headroom::test::join(llama({"max-context", "--method", "flash"}), more);
}

}  // namespace

TEST_CASE("A mistyped command is refused with the nearest one") {
  CHECK(refusal({"max-contxt"}) == "there is no command 'max-contxt'; did you mean max-context?");
  CHECK_THAT(refusal({"nonsense"}), contains("there are max-context, max-batch, breakdown"));
  CHECK_THAT(refusal({}), contains("a command is missing"));
  CHECK_THAT(refusal({""}), contains("there is no command ''"));
}

TEST_CASE("A mistyped option is refused with the nearest one") {
  CHECK(refusal({"max-context", "--modle", "x"}) == "max-context has no option '--modle'; did you mean --model?");
  CHECK(refusal({"models", "--formt=json"}) == "models has no option '--formt'; did you mean --format?");
  CHECK_THAT(refusal({"max-context", "-x"}), contains("max-context has no option '-x'"));
  CHECK_THAT(refusal({"--budget", "3", "max-context"}), contains("the program itself has no option '--budget'"));
}

TEST_CASE("Devices are not arranged beside degrees, nor in a job that is to be saved") {
  CHECK_THAT(refusal(flash({"--devices", "4", "--data-parallel", "2"})), contains("--devices chooses the degrees"));
  CHECK_THAT(refusal(flash({"--devices", "4", "--save-job", "never.json"})), contains("not --devices"));
  CHECK_THAT(refusal(flash({"--devices", "0"})), contains("--devices must be a whole number"));
}

TEST_CASE("An argument too many is refused") {
  CHECK_THAT(refusal(flash({"more"})), contains("max-context has no use for 'more'"));
  CHECK_THAT(refusal({"models", "gpt2", "gpt2"}), contains("models has no use for 'gpt2'"));
  CHECK_THAT(refusal({"max-context", "compare"}), contains("max-context has no use for 'compare'"));
}

TEST_CASE("An option without its value, given twice, or a switch with a value is refused by name") {
  CHECK(refusal({"max-context", "--model"}) == "--model needs a value");
  CHECK(refusal({"max-context", "--model", "a", "--model", "b"}) == "--model is given more than once");
  CHECK(refusal(flash({"--dropout=yes"})) == "--dropout is a switch and takes no value");
}

TEST_CASE("What a job needs is asked for by the option's name") {
  CHECK_THAT(refusal({"max-context", "--hardware", "H200"}), contains("--model is missing"));
  CHECK_THAT(refusal({"max-context", "--model", "gpt2"}), contains("--hardware is missing") && contains("--budget"));
  CHECK_THAT(refusal(llama({"breakdown", "--method", "flash"})), contains("--seq is missing"));
  CHECK_THAT(refusal(llama({"breakdown", "--seq", "1K"})),
             contains("--method is missing") && contains("memory-efficient"));
  CHECK_THAT(refusal(flash({"--budget", "3GiB"})), contains("--hardware and --budget"));
}

TEST_CASE("Every option refuses a value that it does not accept, and names itself") {
  for (const std::string option : {"--attention", "--feed-forward", "--head", "--key-values", "--query-chunk",
                                   "--kv-chunk", "--ffn-chunk", "--head-chunk", "--recompute", "--precision",
                                   "--optimizer", "--optimizer-states", "--batch", "--grid", "--format", "--color"}) {
    const Arguments start{"max-context", "--method", "flash", "--model", "gpt2", "--hardware", "H200"};
    for (const std::string value : {"nonsense", "0", "1e9", "99999999999999999999", "every:0", "nan"}) {
      CHECK_THAT(refusal(headroom::test::join(start, {option, value})), contains(option));
    }
  }
  CHECK_THAT(refusal({"max-context", "--model", "gpt2", "--budget", "-1"}), contains("--budget"));
  CHECK_THAT(refusal(flash({"--batch=-1"})), contains("--batch"));
  CHECK_THAT(refusal(llama({"breakdown", "--method", "flash", "--seq", "12.5"})), contains("--seq"));
}

TEST_CASE("A mistyped name is refused with the nearest one") {
  CHECK_THAT(refusal({"max-context", "--model", "lama-3-8b", "--hardware", "H200"}),
             contains("did you mean 'llama-3-8b'?"));
  CHECK_THAT(refusal({"max-context", "--model", "gpt2", "--hardware", "h20"}), contains("did you mean 'H200'?"));
  CHECK_THAT(refusal({"methods", "flsh"}), contains("did you mean 'flash'?"));
  CHECK_THAT(refusal(flash({"--head=chunkd"})), contains("did you mean 'chunked'?"));
}

TEST_CASE("Files that are missing, folders or no JSON are refused by their path") {
  CHECK_THAT(refusal({"max-context", "--job", "missing.json"}), contains("missing.json"));
  CHECK_THAT(refusal({"max-context", "--model", "/", "--hardware", "H200"}), contains("/"));
  CHECK_THAT(refusal({"models", "/dev/null"}), contains("/dev/null"));
}

TEST_CASE("A combination that makes no sense is refused alone and a row of its own in a list") {
  CHECK_THAT(refusal(llama({"max-context", "--method", "vanilla", "--feed-forward", "blockwise"})),
             contains("blockwise feed-forward"));
  const auto answer = ask(llama({"max-context", "--feed-forward", "blockwise"}));
  CHECK(answer.code == 0);
  CHECK_THAT(answer.out, contains("vanilla: blockwise feed-forward") && contains("34,304"));
  CHECK(ask(llama({"compare", "--feed-forward", "blockwise"})).code == 0);
}

TEST_CASE("Sizes beyond 64 bits are refused") {
  CHECK_THAT(refusal(flash({"--batch", "1099511627776"})), contains("2^63-1"));
}

TEST_CASE("Control characters of the command line do not reach the terminal") {
  for (const char c : refusal({"max-context", "--model", "\x1b[31mred\n\xff", "--hardware", "H200"})) {
    CHECK(static_cast<unsigned char>(c) >= 0x20);
  }
  CHECK_THAT(refusal({"max-context", "--\x1b[31m"}), !contains("\x1b"));
}
