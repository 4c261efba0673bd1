#pragma once

#include <string>
#include <vector>

namespace headroom::cli {

/// One record of RFC 4180, line break included: fields with commas, quotes or line breaks stand in quotes.
[[nodiscard]] std::string csv_record(const std::vector<std::string>& fields);

}  // namespace headroom::cli
