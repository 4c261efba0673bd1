#pragma once

#include "console.h"

namespace headroom::cli {

/// Answers one command line and returns the exit code (exit_code.h). Throws nothing: every error is a sentence on
/// `console.err`.
[[nodiscard]] int run(int argc, const char* const* argv, Console& console) noexcept;

}  // namespace headroom::cli
