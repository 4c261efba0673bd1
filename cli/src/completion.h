#pragma once

#include <string>
#include <vector>

#include "accepted_values.h"
#include "description.h"

namespace headroom::cli {

/// What may stand in place of the word under the cursor. Whole words: "--format=json" for "--format=j".
struct Completion {
  std::vector<Candidate>
      candidates;      ///< also those that do not begin as the word does: shells match as their users like
  bool files = false;  ///< or the path of a file
};

/// `words` are those behind the program's name, the last one under the cursor and perhaps empty.
[[nodiscard]] Completion complete(const ProgramDescription& program, const std::vector<std::string>& words);

/// A line a candidate, with a tab before its description; the line ":files" where paths are accepted.
[[nodiscard]] std::string to_text(const Completion& completion);

}  // namespace headroom::cli
