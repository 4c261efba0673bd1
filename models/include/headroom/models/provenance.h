#pragma once

#include <cstdint>
#include <string>

#include <headroom/models/named.h>

namespace headroom {

/// How far a figure can be trusted.
enum class Certainty : std::uint8_t {
  measured,  ///< read off a device by headroom itself
  derived,   ///< follows from other figures or from the runtime's own policy
  assumed,   ///< somebody else's figure, or a typical one
};

template <>
std::span<const Named<Certainty>> values_of<Certainty>();

/// Where a preset's figures come from, as its data file says.
struct Provenance {
  std::string source;
  std::string certainty;

  bool operator==(const Provenance&) const = default;
};

}  // namespace headroom
