#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <headroom/models/bytes.h>
#include <headroom/models/memory.h>

namespace headroom::measure {

/// Where in the step something happens. The name is a literal.
struct Instant {
  std::string_view name = "set-up";
  std::optional<std::int64_t> layer;
};

/// What a tensor is called and what it is for. The name is a literal, or outlives the tensor and its ledger.
struct Label {
  std::string_view name;
  Category category{};
};

/// The birth or the death of one tensor.
struct Event {
  bool birth = true;
  Label label;
  Bytes bytes;
  Instant instant;
};

/// The bookkeeping of live tensors: requested bytes by category, the first of the largest totals, phases within phases.
class Ledger {
 public:
  struct Peak {
    Bytes total;
    BytesByCategory categories;
    Instant instant;
    std::string_view tensor;
  };

  void birth(const Label& label, Bytes bytes);
  void death(const Label& label, Bytes bytes);

  void set_instant(const Instant& instant) { instant_ = instant; }
  [[nodiscard]] const Instant& instant() const { return instant_; }

  [[nodiscard]] Bytes live() const { return total_; }
  [[nodiscard]] const BytesByCategory& live_by_category() const { return live_; }
  /// Bytes of all births so far.
  [[nodiscard]] Bytes born() const { return born_; }
  /// Of the whole life of the ledger.
  [[nodiscard]] const Peak& peak() const { return peaks_.front(); }

  /// A phase begins; its peak starts at what is live now.
  void push();
  /// The peak of the innermost phase, which ends. Phases around it have seen it too.
  [[nodiscard]] Peak pop();

  /// Births and deaths are written down from now on, up to kMaxEvents.
  void begin_timeline();
  void end_timeline() { keeps_timeline_ = false; }
  [[nodiscard]] const std::vector<Event>& timeline() const { return timeline_; }
  /// Whether there were more than kMaxEvents events.
  [[nodiscard]] bool timeline_is_cut() const { return timeline_is_cut_; }

  static constexpr std::size_t kMaxEvents = 50'000;

 private:
  void raise_peaks(std::string_view tensor);
  void note(bool birth, const Label& label, Bytes bytes);

  Bytes total_;
  Bytes born_;
  BytesByCategory live_;
  Instant instant_;
  std::vector<Peak> peaks_{Peak{}};
  bool keeps_timeline_ = false;
  bool timeline_is_cut_ = false;
  std::vector<Event> timeline_;
};

}  // namespace headroom::measure
