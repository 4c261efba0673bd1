#pragma once

#include <string>
#include <vector>

#include <headroom/models/record.h>

namespace headroom::test {

/// A checked-in record, named by its file without the ending.
struct NamedRecord {
  std::string name;
  Record record;
};

/// The records of a folder, by name. Throws InputError where one cannot be read.
[[nodiscard]] std::vector<NamedRecord> records_in(const std::string& folder);
/// Those of measure/records/host.
[[nodiscard]] std::vector<NamedRecord> corpus();

/// What was recorded on one accelerator: measure/records/<device>.
struct DeviceCorpus {
  std::string device;  ///< the folder's name
  std::vector<NamedRecord> records;
};
/// By device; none until there is a folder beside `host`.
[[nodiscard]] std::vector<DeviceCorpus> device_corpora();

}  // namespace headroom::test
