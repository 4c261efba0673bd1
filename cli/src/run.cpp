#include "run.h"

#include <new>
#include <string>
#include <string_view>

#include <headroom/models/error.h>

#include "completion.h"
#include "exit_code.h"
#include "interruption.h"
#include "program.h"
#include "text.h"

namespace headroom::cli {
namespace {

/// What the completions of the shells ask: "headroom __complete WORD...", the last word being the one under the cursor.
constexpr std::string_view kCompletion = "__complete";

int answer(int argc, const char* const* argv, Console& console) {
  Program program;
  if (argc > 1 && argv[1] == kCompletion) {
    console.out(to_text(complete(describe(program.parser()), {argv + 2, argv + argc})));
    return kFits;
  }
  return program.run(argc, argv, console);
}

int fail(Console& console, std::string_view sentence) noexcept {
  try {
    console.err("headroom: " + printable(sentence) + "\n");
  } catch (...) {
    console.err("headroom: out of memory\n");
  }
  return kInputError;
}

}  // namespace

int run(int argc, const char* const* argv, Console& console) noexcept {
  try {
    return answer(argc, argv, console);
  } catch (const std::bad_alloc&) {
    return fail(console, "there is not enough memory to answer this; make the sizes given smaller");
  } catch (const Interrupted& interrupted) {
    fail(console, interrupted.what());
    return kInterrupted + interrupted.signal();
  } catch (const InputError& error) {
    return fail(console, error.what());
  } catch (const OutputError& error) {
    return fail(console, error.what());
  } catch (const std::exception& error) {
    return fail(console, std::string("this should not have happened, please report it: ") + error.what());
  }
}

}  // namespace headroom::cli
