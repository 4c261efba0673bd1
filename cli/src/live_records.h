#pragma once

#include "console.h"
#include "record_files.h"
#include "temporary_folder.h"

namespace headroom::cli {

/// Records of a small model by every preset method, measured now on the processor; their files are gone with the
/// object.
class LiveRecords {
 public:
  /// Says on `console.err` what is measured. Throws InputError when the program that measures is missing.
  explicit LiveRecords(Console& console);

  /// With a sentence for each method that could not be measured.
  [[nodiscard]] const RecordFiles& files() const { return files_; }

 private:
  TemporaryFolder folder_;
  RecordFiles files_;
};

}  // namespace headroom::cli
