#pragma once

#include <string>

namespace headroom::docs {

/// The page with what stands between each line `<!-- generated: NAME -->` and the next line `<!-- end -->` made anew;
/// everything else is left as it is. Throws InputError that names `origin` where a marker has no end or names no
/// section.
[[nodiscard]] std::string refreshed(const std::string& page, const std::string& origin);

}  // namespace headroom::docs
