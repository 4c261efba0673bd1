#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <headroom/models/bytes.h>
#include <headroom/models/job.h>
#include <headroom/models/named.h>

#include "console.h"

namespace headroom::cli {

/// What runs a measured job: one program each.
enum class Backend : std::uint8_t { host, cuda, mpi };

/// How a job is measured (docs/records.md, headroom-measure-host).
struct MeasureRequest {
  Backend backend = Backend::host;
  Job job;
  std::string record;  ///< path of the file to write
  std::int64_t repeats = 1;
  std::int64_t steps = 1;
  std::int64_t threads = 0;
  std::optional<Bytes> limit;
  bool timeline = false;
  bool progress = true;
  std::int64_t device = 0;  ///< of the cuda backend, from 0; so are the next two
  bool kernels = false;     ///< time kernels
  bool no_cupti = false;
};

/// A device as the cuda backend's program sees it.
struct DeviceRoom {
  std::string name;
  Bytes free;
  Bytes total;
};

/// The backend's program: beside ours, in ../libexec/headroom, or on PATH. Throws InputError when it is in none of
/// them.
[[nodiscard]] std::string measure_program(Backend backend);

/// Asks the cuda backend's program for its device; or the exit code with which it told on standard error why there is
/// none. Throws InputError when it cannot be run.
[[nodiscard]] std::variant<DeviceRoom, int> device_room(std::int64_t device);

/// Runs that program, which tells its errors on standard error, and returns its exit code; a program that was killed is
/// told on `console.err` and returned as a failed check. Throws InputError when it cannot be run.
[[nodiscard]] int measure(const MeasureRequest& request, Console& console);

}  // namespace headroom::cli

namespace headroom {
template <>
std::span<const Named<cli::Backend>> values_of<cli::Backend>();
}  // namespace headroom
