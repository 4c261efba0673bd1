#pragma once

#include <string>
#include <vector>

namespace headroom::cli {

/// Paths of records, and a sentence for each argument that leads to none.
struct RecordFiles {
  std::vector<std::string> paths;
  std::vector<std::string> errors;
};

/// Files as given; of a folder every *.json in it and in the folders below, sorted.
[[nodiscard]] RecordFiles find_records(const std::vector<std::string>& files_and_folders);

}  // namespace headroom::cli
