#pragma once

#include <QString>

#include "model/job_state.h"

namespace headroom::gui {

/// The command that asks the same question on the command line: "headroom breakdown --model llama-3-8b ...".
/// Parts that have no name of their own are taken from the job's file; throws InputError where it is not saved.
[[nodiscard]] QString command_line(const JobState& state);

}  // namespace headroom::gui
