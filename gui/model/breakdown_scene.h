#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "model/csv.h"
#include "model/host_memory.h"
#include "model/prediction.h"
#include "model/scene.h"

/// Bars side by side, stacked by category: of the methods of one job, or of any few jobs.
namespace headroom::gui {

/// A stack of bytes with its name.
struct Stack {
  QString name;
  BytesByCategory categories;
  QString refused{};                 ///< a sentence; empty: there is a stack
  QString peak{};                    ///< when; empty: not known
  std::size_t of = 0;                ///< which of the jobs that are shown
  std::optional<NodeMemory> node{};  ///< of a stack on the host

  [[nodiscard]] sim::Memory memory() const { return node ? sim::Memory::host : sim::Memory::device; }
};

/// Whether the device holds the category outside tensors.
[[nodiscard]] bool is_outside_tensors(Category category);
/// Every category from the bottom of a stack to its top: what the device spends outside tensors comes first.
[[nodiscard]] std::vector<Category> stack_order();
/// The categories of the scene's series, in that order: those with bytes in any of the stacks.
[[nodiscard]] std::vector<Category> categories_in(const std::vector<Stack>& stacks);

/// The stacks with the device's capacity as a line; what is above it, or above a rank's share of the host, is hatched.
[[nodiscard]] Scene stacks_scene(const std::vector<Stack>& stacks, Bytes capacity);

/// What the n-th of some jobs holds: a stack on the device, and one on the host where it keeps anything there.
void add_stacks(std::vector<Stack>& stacks, const QString& name, const Prediction& prediction, std::size_t of);
/// Those of each method.
[[nodiscard]] std::vector<Stack> stacks_of(const std::vector<Prediction>& predictions);
[[nodiscard]] CsvTable breakdown_csv(const std::vector<Prediction>& predictions);

}  // namespace headroom::gui
