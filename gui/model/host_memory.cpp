#include "model/host_memory.h"

#include "model/text.h"

namespace headroom::gui {

std::optional<NodeMemory> node_memory(const Job& job, const sim::HostMemory& of_rank) {
  if (of_rank.allocated == Bytes()) return std::nullopt;
  const std::int64_t ranks = sim::host_of_node(job, Bytes(1)).count();
  return NodeMemory{ranks, sim::host_of_node(job, of_rank.allocated), job.host_memory};
}

QString node_text(const NodeMemory& node) {
  QString text = bytes_text(node.needed);
  if (node.limit) text += QObject::tr(" of %1").arg(bytes_text(*node.limit));
  if (node.ranks > 1) text += QObject::tr(" for the %1 ranks of a node").arg(to_qt(format_grouped(node.ranks)));
  if (!node.fits()) text += QObject::tr(", %1 too much").arg(bytes_text(node.needed - *node.limit));
  return text;
}

}  // namespace headroom::gui
