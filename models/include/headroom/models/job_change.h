#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/job.h>

namespace headroom {

/// One thing of a job by its name, and the value it gets: what "recompute=none" says.
struct JobChange {
  std::string name;
  std::string value;

  bool operator==(const JobChange&) const = default;
};

/// The names: model, hardware, method, seq, and every option of a job without its dashes.
[[nodiscard]] std::vector<std::string_view> change_names();

/// Reads "NAME=VALUE". Throws InputError that names `option`, and the nearest name.
[[nodiscard]] JobChange parse_change(std::string_view text, std::string_view option);

/// Changes the job. A method brings all of its own choices. Throws InputError that names `what`; adds what files say of
/// themselves to `notes`.
void apply(const JobChange& change, Job& job, std::string_view what, std::vector<std::string>& notes);

}  // namespace headroom
