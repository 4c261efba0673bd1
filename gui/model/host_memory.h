#pragma once

#include <QString>

#include <cstdint>
#include <optional>

#include <headroom/models/job.h>
#include <headroom/sim/predictor.h>

namespace headroom::gui {

/// What the ranks of the fullest node keep on the host, and what it has.
struct NodeMemory {
  std::int64_t ranks = 1;  ///< of the node
  Bytes needed;            ///< by all of them
  std::optional<Bytes> limit;

  [[nodiscard]] bool fits() const { return !limit || needed <= *limit; }
};

/// Nothing where a rank keeps nothing on the host. Throws OverflowError.
[[nodiscard]] std::optional<NodeMemory> node_memory(const Job& job, const sim::HostMemory& of_rank);

/// "176.90 GiB of 1.73 TiB for the 8 ranks of a node", "22.11 GiB"
[[nodiscard]] QString node_text(const NodeMemory& node);

}  // namespace headroom::gui
