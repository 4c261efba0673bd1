#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/bytes.h>
#include <headroom/models/job.h>
#include <headroom/models/memory.h>
#include <headroom/models/read.h>

namespace headroom {

/// A span of wall-clock time.
struct Seconds {
  double count = 0;

  bool operator==(const Seconds&) const = default;
};

/// A mean cross-entropy per token, in natural units.
struct Nats {
  double count = 0;

  bool operator==(const Nats&) const = default;
};

/// Something the figures depend on: a library, a compiler, a driver.
struct SoftwareVersion {
  std::string name;
  std::string version;

  bool operator==(const SoftwareVersion&) const = default;
};

/// The largest number of bytes of live tensors, as requested, and where in the step it was reached first.
struct MeasuredPeak {
  Bytes total;
  BytesByCategory categories;         ///< at the peak instant; they sum to `total`
  std::string instant;                ///< "layer backward"
  std::optional<std::int64_t> layer;  ///< counts from 0; none where the instant belongs to no layer
  std::string tensor;                 ///< the one whose birth reached the peak

  bool operator==(const MeasuredPeak&) const = default;
};

/// A figure for the same run that does not come from the bookkeeping of tensors.
struct Witness {
  std::string source;  ///< "VmHWM"
  Bytes peak;
  Bytes baseline;  ///< the same of a process that ran an empty job

  bool operator==(const Witness&) const = default;
};

/// Time spent in one kind of instant, summed over the steps of a run.
struct InstantTime {
  std::string instant;
  Seconds time;

  bool operator==(const InstantTime&) const = default;
};

/// One run of the job: set-up and some training steps.
struct MeasuredRun {
  Bytes peak;
  std::vector<Seconds> steps;
  std::vector<Nats> losses;  ///< one a step, before its update
  std::vector<InstantTime> instants;

  bool operator==(const MeasuredRun&) const = default;
};

/// The birth or the death of one tensor.
struct TensorEvent {
  bool birth = true;
  std::string tensor;
  Category category{};
  Bytes bytes;
  std::string instant;
  std::optional<std::int64_t> layer;

  bool operator==(const TensorEvent&) const = default;
};

/// What was measured when a job was run: what `headroom validate` holds a prediction against (docs/records.md).
struct Record {
  Job job;
  std::string backend;  ///< "host"
  std::string device;   ///< the processor's or accelerator's own name
  std::int64_t threads = 1;
  std::vector<SoftwareVersion> software;
  MeasuredPeak allocated;
  std::optional<Bytes> workspace;  ///< outside the tensors
  std::optional<Bytes> limit;      ///< on allocated bytes, where one was set
  std::optional<Witness> witness;
  std::vector<MeasuredRun> runs;
  std::vector<TensorEvent> timeline;  ///< of the first run's set-up and first step; empty unless asked for
  std::vector<std::string> notes;

  bool operator==(const Record&) const = default;
};

/// Throws InputError: file, key, accepted values; a later version is refused in a sentence.
[[nodiscard]] Read<Record> read_record(const std::string& path);
[[nodiscard]] Read<Record> parse_record(std::string_view text, const std::string& origin);

/// The record as versioned JSON, keys in a stable order; parse_record(record_to_json(r)) == r.
[[nodiscard]] std::string record_to_json(const Record& record);

}  // namespace headroom
