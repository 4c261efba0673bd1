#include "slopes.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include <fmt/format.h>

#include <headroom/sim/predictor.h>

#include "slope_job.h"

namespace headroom::test {
namespace {

using sim::Instant;

constexpr std::int64_t kSeq = 65536;
constexpr std::int64_t kElement = 2;  ///< bytes of bf16

Job job_of(Attention attention, FeedForward feed_forward) { return slope_job(attention, feed_forward, {32, 3, 1024}); }

std::int64_t heads(const Job& job) { return job.model.kinds.front().heads; }

/// Of the bytes at s, 2s and 3s: elements of b·s·h a token more costs, and elements of b·a·s².
struct Growth {
  double linear = 0;
  double square = 0;
};

Growth growth(const Job& job, std::int64_t at_1, std::int64_t at_2, std::int64_t at_3) {
  const std::int64_t curved = at_3 - 2 * at_2 + at_1;  // 2 s² times the quadratic coefficient in bytes
  const std::int64_t straight = at_2 - at_1 - 3 * curved / 2;
  return {static_cast<double>(straight) / static_cast<double>(kElement * kSeq * job.batch * job.model.hidden),
          static_cast<double>(curved) / static_cast<double>(2 * kElement * kSeq * kSeq * job.batch * heads(job))};
}

/// The layer's inputs that full recompute keeps are taken away: one element of b·s·h each.
Growth at_peak(const Job& job) {
  const sim::Predictor predictor(job);
  const sim::Peak peak = predictor.peak(Tokens(kSeq));
  if (peak.moment.instant < Instant::attention_recompute || peak.moment.instant > Instant::attention_backward) {
    throw std::logic_error("the slopes are of a layer's backward");
  }
  Growth result = growth(job, peak.allocated.count(), predictor.peak(Tokens(2 * kSeq)).allocated.count(),
                         predictor.peak(Tokens(3 * kSeq)).allocated.count());
  result.linear -= static_cast<double>(peak.moment.layer + 1);
  return result;
}

/// The most bytes alive during the last layer's attention backward.
std::int64_t most_in_attention_backward(const Job& job, std::int64_t seq) {
  std::int64_t most = 0;
  sim::Predictor(job).timeline(Tokens(seq), [&](const sim::TimelineEvent& event) {
    const bool counts = event.moment.instant == Instant::attention_backward && event.moment.layer == 2;
    if (counts) most = std::max(most, event.live.count());
  });
  return most;
}

Growth in_attention_backward(const Job& job) {
  constexpr double kSavedInputs = 3;
  Growth result = growth(job, most_in_attention_backward(job, kSeq), most_in_attention_backward(job, 2 * kSeq),
                         most_in_attention_backward(job, 3 * kSeq));
  result.linear -= kSavedInputs;
  return result;
}

std::string row(std::string_view layer, double elements, std::string_view bound, std::string_view paper) {
  return fmt::format("| {} | {:.2f} | {} | {:.1f}bsh | {} |\n", layer, elements, bound,
                     elements * static_cast<double>(kElement), paper);
}

}  // namespace

std::string slopes_section() {
  const Job vanilla_job = job_of(Attention::vanilla, FeedForward::whole);
  const Job flash_job = job_of(Attention::flash, FeedForward::whole);
  const Growth bpt = at_peak(job_of(Attention::flash, FeedForward::blockwise));
  const Growth flash = at_peak(flash_job);
  const Growth mst = at_peak(job_of(Attention::flash, FeedForward::chunked));
  const Growth vanilla = in_attention_backward(vanilla_job);
  const Growth flash_there = in_attention_backward(flash_job);
  if (vanilla.square != 2 || flash_there.square != 0) throw std::logic_error("scores are not 2bas², or flash has some");
  return "| layer | elements of b·s·h | bound | bytes | papers, bytes |\n|---|---:|---:|---:|---|\n" +
         row("bpt", bpt.linear, "7.2", "2bsh (BPT, section 3.1)") +
         row("flash, whole feed-forward", flash.linear, "16.2", "8bsh (BPT, section 3.1)") +
         row("mst", mst.linear, "12.5", "") +
         fmt::format(
             "\nA flash layer with a whole feed-forward holds {:.2f} times what a bpt layer holds; by the "
             "papers' counts, which take one tensor\nand not all that are alive beside it, it is 4 times.\n",
             flash.linear / bpt.linear) +
         fmt::format(
             "\nVanilla attention's backward holds {:g}·b·a·s² score elements: the second difference of its "
             "bytes at s, 2s and 3s\nis {:g} · 2 · 2 bytes · b·a·s² without remainder. They are the "
             "probabilities and their gradient. Beside them it holds\n{:.2f} elements of b·s·h; flash "
             "attention's backward, at the same instant, holds {:.2f} and no s² (the logsumexp and fp32 sums\n"
             "of dq take the place of the scores).\n",
             vanilla.square, vanilla.square, vanilla.linear, flash_there.linear);
}

}  // namespace headroom::test
