#pragma once

#include <string>

#include <headroom/models/job.h>
#include <headroom/models/memory.h>
#include <headroom/sim/instant.h>

namespace headroom::cli {

/// "attention backward"
[[nodiscard]] std::string instant_text(sim::Instant instant);
/// "attention backward, layer 3"
[[nodiscard]] std::string moment_text(sim::Moment moment);
/// "head and loss"
[[nodiscard]] std::string category_text(Category category);
/// "34,816 (34K) tokens"
[[nodiscard]] std::string tokens_text(Tokens tokens);

/// "llama-3-8b on one A100-80GB" or "llama-3-8b within 40.00 GiB"; names from files are cut.
[[nodiscard]] std::string subject_text(const Job& job);

/// A name from a file, fit to be printed.
[[nodiscard]] std::string name_text(std::string_view name);
/// "flash", or "flash --head chunked" where axes differ from the preset's
[[nodiscard]] std::string method_text(const Job& job);
/// "bf16, adamw with bf16 states, batch 1, recompute full"
[[nodiscard]] std::string settings_text(const Job& job);

}  // namespace headroom::cli
