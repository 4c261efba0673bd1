#include "corpus.h"

#include <algorithm>
#include <filesystem>

namespace headroom::test {

std::vector<NamedRecord> records_in(const std::string& folder) {
  std::vector<NamedRecord> records;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    records.push_back({entry.path().stem().string(), read_record(entry.path().string()).value});
  }
  std::sort(records.begin(), records.end(), [](const NamedRecord& x, const NamedRecord& y) { return x.name < y.name; });
  return records;
}

std::vector<NamedRecord> corpus() { return records_in(HEADROOM_RECORDS "/host"); }

std::vector<DeviceCorpus> device_corpora() {
  std::vector<DeviceCorpus> corpora;
  for (const auto& entry : std::filesystem::directory_iterator(HEADROOM_RECORDS)) {
    const std::string device = entry.path().filename().string();
    if (entry.is_directory() && device != "host") corpora.push_back({device, records_in(entry.path().string())});
  }
  std::sort(corpora.begin(), corpora.end(),
            [](const DeviceCorpus& x, const DeviceCorpus& y) { return x.device < y.device; });
  return corpora;
}

}  // namespace headroom::test
