#include "record_files.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace headroom::cli {
namespace {

namespace fs = std::filesystem;

bool is_record(const fs::directory_entry& entry) {
  std::error_code ignored;
  return entry.path().extension() == ".json" && entry.is_regular_file(ignored);
}

std::vector<std::string> records_below(const fs::path& folder, std::error_code& error) {
  std::vector<std::string> paths;
  for (auto entry = fs::recursive_directory_iterator(folder, error); !error && entry != fs::end(entry);
       entry.increment(error)) {
    if (is_record(*entry)) paths.push_back(entry->path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void add_folder(RecordFiles& files, const std::string& folder) {
  std::error_code error;
  const std::vector<std::string> paths = records_below(folder, error);
  files.paths.insert(files.paths.end(), paths.begin(), paths.end());
  if (error) {
    files.errors.push_back(fmt::format("cannot read the folder {}: {}", folder, error.message()));
  } else if (paths.empty()) {
    files.errors.push_back(fmt::format("there is no record (*.json) in the folder {}", folder));
  }
}

}  // namespace

RecordFiles find_records(const std::vector<std::string>& files_and_folders) {
  RecordFiles files;
  for (const std::string& name : files_and_folders) {
    std::error_code ignored;
    if (fs::is_directory(name, ignored)) {
      add_folder(files, name);
    } else {
      files.paths.push_back(name);
    }
  }
  return files;
}

}  // namespace headroom::cli
