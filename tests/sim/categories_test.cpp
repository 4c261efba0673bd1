// The categories that docs/runtime.md section 9 gives tensors, read off timelines: by the instant of their birth, and
// by whether the forward pass kept them.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <headroom/sim/predictor.h>

#include "catch.h"
#include "random_jobs.h"

namespace headroom::test {
namespace {

using sim::Instant;
using sim::TimelineEvent;

constexpr std::uint64_t kJobs = 4000;

/// x, r and their gradient, of any extent.
bool is_stream(std::string_view name) {
  static constexpr std::array<std::string_view, 3> kNames{"x (layer input)", "r (input + attention)",
                                                          "dx (residual gradient)"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

/// Kept from the embedding until its backward.
bool is_embedding(std::string_view name) { return name == "token ids" || name == "embedding dropout mask"; }

bool is_attention(Instant i) {
  return i == Instant::attention_forward || i == Instant::attention_recompute || i == Instant::attention_backward;
}

bool is_layer_forward(Instant i) { return i == Instant::attention_forward || i == Instant::feed_forward_forward; }

/// The category of a tensor that is not the model's, the stream's or the embedding's, and that forward does not keep.
Category part_of(Instant i) {
  if (!sim::has_layer(i)) return Category::head_and_loss;
  return is_attention(i) ? Category::attention : Category::feed_forward;
}

bool belongs_to_the_model(Category c) {
  return c == Category::parameters || c == Category::gradients || c == Category::optimizer_state;
}

/// The first tensor of a step whose category is not the policy's.
class CategoryWitness {
 public:
  explicit CategoryWitness(bool prefetches) : prefetches_(prefetches) {}

  [[nodiscard]] const std::string& fault() const { return fault_; }

  void see(const TimelineEvent& event) {
    if (belongs_to_the_model(event.category)) return;
    if (event.category == Category::communication) return see_communication(event);
    const bool saved = event.category == Category::saved_activations;
    if (is_stream(event.name) || is_embedding(event.name)) return expect(saved, event);
    if (is_layer_forward(event.moment.instant)) return see_forward(event, saved);
    if (event.moment.instant == Instant::final_norm) expect(passing_ == 0, event);
    if (event.born) expect(event.category == part_of(event.moment.instant), event);
  }

 private:
  /// Saved activations are born in a forward pass and outlive it; what is not saved dies in it.
  void see_forward(const TimelineEvent& event, bool saved) {
    if (!saved) passing_ += event.born ? 1 : -1;
    if (saved) return expect(event.born, event);
    if (event.born) expect(event.category == part_of(event.moment.instant), event);
  }

  /// Buffers of communication are gone when the next layer's, or what is outside the layers, begins; but for
  /// parameters that come ahead.
  void see_communication(const TimelineEvent& event) {
    if (prefetches_) return;
    if (event.born && buffers_ == 0) buffers_begin_ = event.moment;
    expect(!event.born || sim::has_layer(event.moment.instant) == sim::has_layer(buffers_begin_.instant), event);
    expect(event.moment.layer == buffers_begin_.layer, event);
    buffers_ += event.born ? 1 : -1;
  }

  void expect(bool holds, const TimelineEvent& event) {
    if (!holds && fault_.empty()) fault_ = std::string(event.name) + " is in " + std::string(name_of(event.category));
  }

  bool prefetches_;
  std::int64_t buffers_ = 0;   ///< of communication, alive
  sim::Moment buffers_begin_;  ///< when the first of them was born
  std::int64_t passing_ = 0;   ///< of the layers' forward, alive and not saved
  std::string fault_;
};

}  // namespace

TEST_CASE("what forward keeps for backward is a saved activation, and all else belongs to the part it is born in") {
  for (std::uint64_t seed = 0; seed < kJobs; ++seed) {
    const Job job = random_job(seed);
    CategoryWitness witness(job.method.prefetch > 0);
    sim::Predictor(job).timeline(job.seq, [&](const TimelineEvent& event) { witness.see(event); });
    if (!witness.fault().empty()) FAIL(witness.fault() << "\n" << described(seed, job));
  }
  SUCCEED();
}

}  // namespace headroom::test
