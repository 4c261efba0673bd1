#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <headroom/models/read.h>

#include "bench.h"

namespace headroom::test {

/// An empty folder, gone with the object.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "headroom-measure-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A folder with a job file in it.
class Place {
 public:
  explicit Place(Job job = llama_job()) {
    job.device.name = "none";
    job.device.capacity.bytes = 1_GiB;
    std::ofstream(job_file()) << job_to_json(job);
  }
  [[nodiscard]] std::string job_file() const { return folder_.file("job.json"); }
  [[nodiscard]] std::string record_file() const { return folder_.file("record.json"); }
  [[nodiscard]] bool has_record() const { return std::filesystem::exists(record_file()); }
  [[nodiscard]] std::vector<std::string> command(const std::string& program, std::vector<std::string> more = {}) const {
    std::vector<std::string> all = {program, "--job", job_file(), "--record", record_file()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

 private:
  Folder folder_;
};

/// Large enough to run for some seconds.
inline Job long_job() {
  Job job = llama_job();
  job.model.hidden = 256;
  job.model.vocab = 8000;
  job.model.kinds[0].ffn_hidden = 1024;
  job.seq = Tokens(2048);
  return job;
}

}  // namespace headroom::test
