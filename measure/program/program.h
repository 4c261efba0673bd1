#pragma once

#include <functional>
#include <string>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/models/record.h>

namespace headroom::measure {

/// Runs the program's work and returns its exit code; what it throws is told on stderr as one sentence behind `name`
/// and is the code of exit_codes.h.
[[nodiscard]] int guarded(const char* name, const std::function<int()>& work);

/// The job of a file; what the reader says of it goes to stderr.
[[nodiscard]] Job job_of(const std::string& path);

/// A record that could not be written is better known before a long run: throws InputError where the folder is not
/// there or cannot be written.
void require_writable(const std::string& path);

/// Writes the record; its notes go to stderr too.
void deliver(const Record& record, const std::string& path);

/// headroom, compiler and system: what the figures of every backend depend on.
[[nodiscard]] std::vector<SoftwareVersion> common_software();

}  // namespace headroom::measure
