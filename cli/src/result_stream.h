#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <headroom/models/atomic_file.h>

#include "console.h"

namespace headroom::cli {

/// Where a long result goes piece by piece: a file that appears whole or not at all, or standard output. Of what is
/// written no line is ever a half one.
class ResultStream {
 public:
  /// Throws InputError when the file at `path` (empty: standard output) cannot be written.
  ResultStream(const std::string& path, Console& console);

  /// `lines` are whole. Throws InputError or OutputError.
  void add(std::string_view lines);
  /// Behind the last line.
  void finish();
  /// Before the last line: the file's own name stays free. Returns where the lines are.
  std::string finish_early();

 private:
  void flush();

  Console& console_;
  std::optional<AtomicFile> file_;
  std::string waiting_;
};

}  // namespace headroom::cli
