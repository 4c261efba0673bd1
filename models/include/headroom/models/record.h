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

/// Sources of a witness.
inline constexpr std::string_view kResidentSetWitness = "VmHWM";
inline constexpr std::string_view kCuptiWitness = "CUPTI";

/// A figure for the same run that does not come from the bookkeeping of tensors.
struct Witness {
  std::string source;  ///< kResidentSetWitness, kCuptiWitness
  Bytes peak;
  Bytes baseline;  ///< of the same process without the job: what an empty job needs, or what lived before the first one

  bool operator==(const Witness&) const = default;
};

/// An accelerator's memory around the tensors, as the device itself counts it.
struct DeviceMemory {
  Bytes total;                        ///< what the device has for programs
  Bytes free;                         ///< with the program's context, in front of the first allocation
  std::optional<Bytes> context;       ///< taken by the context; none where nobody stood beside to see it
  Bytes modules;                      ///< kernels, their local memory, what libraries allocate themselves
  std::optional<Bytes> local_memory;  ///< of the kernel that needs most of it, where kernels were traced
  Bytes pool_used;                    ///< largest sum that the pool of tensors handed out, rounded as it rounds
  Bytes pool_reserved;                ///< largest that the pool held
  Bytes peak;                         ///< largest that the program took: context, modules, pool, workspace

  bool operator==(const DeviceMemory&) const = default;
};

/// The largest sum of live bytes in one kind of instant.
struct InstantPeak {
  std::string instant;
  Bytes peak;

  bool operator==(const InstantPeak&) const = default;
};

/// Launches of one kernel and the time they took on the device.
struct KernelTime {
  std::string kernel;
  std::int64_t launches = 0;
  Seconds time;

  bool operator==(const KernelTime&) const = default;
};

/// What CUPTI told of the device's allocator, counted from its records alone.
struct CuptiTrace {
  Bytes peak;                        ///< of the pool of tensors
  std::optional<Bytes> driver_peak;  ///< the same from the calls of the driver, as their arguments say
  Bytes other_peak;                  ///< of device memory outside that pool
  std::optional<Bytes>
      driver_other_peak;         ///< the same from the calls of the driver, physical memory of mappings included
  std::int64_t allocations = 0;  ///< from the pool of tensors
  std::int64_t releases = 0;
  std::int64_t unknown_releases = 0;  ///< of blocks whose allocation was not told
  std::int64_t untold_releases = 0;   ///< of blocks whose address was handed out again
  std::int64_t dropped = 0;           ///< records that CUPTI could not deliver
  std::vector<InstantPeak> instants;
  std::vector<KernelTime> kernels;  ///< empty unless asked for

  bool operator==(const CuptiTrace&) const = default;
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

/// What a rank sent to others in a step, counted as docs/runtime.md section 10.5 counts it.
struct MeasuredSent {
  Bytes bytes;
  std::int64_t messages = 0;

  bool operator==(const MeasuredSent&) const = default;
};

/// What one rank of several measured.
struct MeasuredRank {
  std::int64_t rank = 0;  ///< counts from 0
  MeasuredPeak allocated;
  std::optional<MeasuredPeak> host;
  std::optional<Witness> witness;
  std::optional<MeasuredSent> sent;

  bool operator==(const MeasuredRank&) const = default;
};

/// What was measured when a job was run: what `headroom validate` holds a prediction against (docs/records.md).
struct Record {
  Job job;
  std::string backend;  ///< "host", "cuda"
  std::string device;   ///< the processor's or accelerator's own name
  std::int64_t threads = 1;
  std::string compute_capability;  ///< of a CUDA device: "9.0"
  std::vector<SoftwareVersion> software;
  MeasuredPeak allocated;
  std::optional<MeasuredPeak> host;  ///< of what is offloaded; none where the job offloads nothing
  std::optional<Bytes> workspace;    ///< outside the tensors
  std::optional<Bytes> limit;        ///< on allocated bytes, where one was set
  std::optional<Witness> witness;
  std::optional<DeviceMemory> device_memory;  ///< of an accelerator
  std::optional<CuptiTrace> cupti;
  std::optional<MeasuredSent> sent;  ///< in the first run's first step; none on one rank
  std::vector<MeasuredRank> ranks;   ///< every rank of a job with several; `allocated` is then the largest of theirs
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
