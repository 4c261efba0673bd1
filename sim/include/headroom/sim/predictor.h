#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/models/memory.h>
#include <headroom/sim/instant.h>
#include <headroom/sim/part_symbols.h>

namespace headroom::sim {

/// The most bytes alive at once and the first instant at which they are.
struct Peak {
  Bytes allocated;
  Moment moment;

  bool operator==(const Peak&) const = default;
};

/// What one rank keeps on the host.
struct HostMemory {
  Bytes allocated;             ///< at its own peak
  BytesByCategory categories;  ///< then
  Moment moment;

  bool operator==(const HostMemory&) const = default;
};

/// What the ranks of the fullest node keep on the host, where each of the job's keeps `of_rank`. Throws OverflowError.
[[nodiscard]] Bytes host_of_node(const Job& job, Bytes of_rank);

/// Where the memory goes at the peak.
struct Breakdown {
  Tokens seq;
  Bytes allocated;               ///< live tensor bytes, as requested
  Bytes device;                  ///< allocated + the device's context, workspace and allocator slack
  Moment moment;                 ///< the peak's
  BytesByCategory categories;    ///< sums to `device`
  Category binding{};            ///< of what grows with the sequence, the category with the most bytes at the peak
  HostMemory host;               ///< nothing where the job offloads nothing
  std::vector<Peak> runners_up;  ///< the peaks of the other kinds of instants, largest first
};

/// One kind of live tensor at the peak.
struct LiveTensor {
  std::string name;
  std::string formula;  ///< symbols, e.g. "b·s·a·d"
  std::vector<std::int64_t> shape;
  DType dtype;
  Category category;
  std::int64_t count;  ///< how many equal ones are alive
  Bytes each;
  Bytes total;
  std::string source;  ///< paper and section, or the policy
};

/// Every live tensor at the peak, largest total first.
struct Explanation {
  Tokens seq;
  Peak peak;
  std::vector<LiveTensor> tensors;
};

/// One birth or death.
struct TimelineEvent {
  Moment moment;
  std::string_view name;
  Category category;
  bool born;
  Bytes bytes;               ///< of the tensor
  Bytes live;                ///< behind the event
  std::string_view shape;    ///< symbols, with '#' in the place of `extent`: "b·#·h"
  std::string_view extent;   ///< the tokens that the tensor spans: "s", "c_q", or empty
  const PartSymbols* parts;  ///< what stands for the shape's symbols where the rank has a part; null: as they are
  DType dtype;
  std::string_view source;  ///< paper and section, or the policy
};

/// Where a tensor lives.
enum class Memory : std::uint8_t { device, host };

/// The shape in symbols, everything in its place: "b·s/N·h".
[[nodiscard]] std::string formula_of(const TimelineEvent& event);

/// Whether the device has the memory of the breakdown, and every node the host memory.
[[nodiscard]] bool fits(const Job& job, const Breakdown& breakdown);

/// Predicts the memory of one job at any sequence length. Building one checks the job (InputError) and prepares what
/// does not depend on the length; predictions are const and safe to make from several threads at once.
/// Every function throws InputError for seq < 1 and OverflowError where 64 bits do not suffice.
class Predictor {
 public:
  explicit Predictor(const Job& job);
  ~Predictor();
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  [[nodiscard]] const Job& job() const;
  /// Legal choices that save nothing, a sentence each.
  [[nodiscard]] const std::vector<std::string>& warnings() const;

  /// Allocated bytes at the peak: the fast path.
  [[nodiscard]] Peak peak(Tokens seq) const;
  /// A lower bound of peak() for every length from `seq` on, whatever the chunk rules; equal to it where no rule
  /// shortens a chunk for a longer sequence.
  [[nodiscard]] Bytes peak_lower_bound_from(Tokens seq) const;
  /// The peak if one category cost nothing.
  [[nodiscard]] Peak peak_without(Category vanished, Tokens seq) const;
  [[nodiscard]] Bytes peak_without_lower_bound_from(Category vanished, Tokens seq) const;

  /// Bytes of one rank on the host at their peak; 0 where the job offloads nothing. Never fall with `seq`.
  [[nodiscard]] Bytes host_peak(Tokens seq) const;

  [[nodiscard]] Breakdown breakdown(Tokens seq) const;
  /// Breakdown without the runners-up.
  [[nodiscard]] Breakdown breakdown_without(Category vanished, Tokens seq) const;
  [[nodiscard]] Explanation explain(Tokens seq) const;
  /// The same of the host, at the peak there: no tensors where the job keeps nothing there.
  [[nodiscard]] Explanation explain_host(Tokens seq) const;
  /// Every event of the step in order, layers and chunks unrolled; of a pipeline, the stage with the highest peak.
  void timeline(Tokens seq, const std::function<void(const TimelineEvent&)>& sink) const;
  /// The same of host memory, and of the stage with its highest peak: nothing where the job keeps nothing there.
  void host_timeline(Tokens seq, const std::function<void(const TimelineEvent&)>& sink) const;
  /// Both of these of one stage, the one with the highest peak on the device, in the order in which things happen: each
  /// event's live bytes are those of its own memory.
  void step_timeline(Tokens seq, const std::function<void(Memory, const TimelineEvent&)>& sink) const;
  /// What one layer's forward leaves alive behind it, its output included; negative counts are what it consumed.
  [[nodiscard]] std::vector<LiveTensor> saved_by_layer(Tokens seq, std::size_t kind = 0) const;

  /// Bytes that the device spends outside tensors.
  [[nodiscard]] Bytes overhead() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::sim

namespace headroom {
template <>
std::span<const Named<sim::Memory>> values_of<sim::Memory>();
}  // namespace headroom
