// What a longer sequence costs each method, in bf16 elements of b*s*h: GPT style, one bf16 element an activation, full
// recompute, explicit chunks, and a head too small to bind.

#include <string_view>

#include <headroom/sim/predictor.h>

#include "catch.h"
#include "sized_jobs.h"

namespace headroom::test {
namespace {

constexpr std::int64_t kLayers = 3;

Job gpt_job(Attention attention, FeedForward feed_forward) {
  const Method method = method_of(attention, feed_forward, Head::chunked, Tokens(1024));
  return bf16_job(gpt_style(32, 128, 2, kLayers), method, {RecomputeKind::full, 1});
}

/// Elements of b*s*h that the peak grows by, without the layers' saved inputs.
double slope(const Job& job, std::int64_t s) {
  const sim::Predictor predictor(job);
  const sim::Peak at_s = predictor.peak(Tokens(s));
  const sim::Peak at_2s = predictor.peak(Tokens(2 * s));
  CHECK(at_s.moment == at_2s.moment);
  CHECK(at_s.moment.instant >= sim::Instant::attention_recompute);  // of a layer's backward
  CHECK(at_s.moment.instant <= sim::Instant::attention_backward);
  const double grown = static_cast<double>((at_2s.allocated - at_s.allocated).count());
  const std::int64_t saved_inputs = at_s.moment.layer + 1;
  return grown / static_cast<double>(2 * s * job.batch * job.model.hidden) - static_cast<double>(saved_inputs);
}

}  // namespace

TEST_CASE("a longer sequence costs a blockwise layer k, v, the stream's gradient and fp32 sums of dk and dv") {
  CHECK(slope(gpt_job(Attention::flash, FeedForward::blockwise), 65536) == Approx(7).epsilon(0.001));
  CHECK(slope(gpt_job(Attention::memory_efficient, FeedForward::blockwise), 65536) <= 7.2);
}

TEST_CASE("a longer sequence costs a flash layer with whole feed-forward at most 16.2 elements of b*s*h") {
  // norm, q, k, v, o, r, norm: 7; of 4h each: up and the activation's gradient; the stream's gradient.
  CHECK(slope(gpt_job(Attention::flash, FeedForward::whole), 65536) == Approx(16).epsilon(0.005));
}

TEST_CASE("a longer sequence costs a mini-sequence layer at most 12.5 elements of b*s*h") {
  // norm, q, k, v, gradient of o, fp32 dq, dk, dv, the stream's gradient; o is gone.
  CHECK(slope(gpt_job(Attention::flash, FeedForward::chunked), 65536) == Approx(10).epsilon(0.01));
}

TEST_CASE("the batch multiplies what a longer sequence costs") {
  Job job = gpt_job(Attention::flash, FeedForward::blockwise);
  const double one = slope(job, 65536);
  job.batch = 4;
  CHECK(slope(job, 65536) == Approx(one).epsilon(0.001));
}

}  // namespace headroom::test
