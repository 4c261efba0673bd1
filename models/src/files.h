#pragma once

#include <string>

namespace headroom {

/// The whole text of a file. Throws InputError that names the path when it cannot be read, is a folder or is larger
/// than any description of a model, device or job (16 MiB).
[[nodiscard]] std::string read_text_file(const std::string& path);

/// Whether `path` names something on the disk.
[[nodiscard]] bool path_exists(const std::string& path);

}  // namespace headroom
