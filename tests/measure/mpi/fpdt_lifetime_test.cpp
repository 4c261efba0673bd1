// Events of one rank of two under FPDT, worked out from docs/runtime.md section 10.1 by hand: "+name bytes category" is
// a birth, "-name" a death.

#include <algorithm>

#include <headroom/measure/measurement.h>

#include "catch.h"
#include "rank_events.h"
#include "ranks.h"

using namespace headroom;
using headroom::test::Events;
using headroom::test::events_of;
using headroom::test::Side;

namespace {

/// One layer; 6 tokens, 4 wide, in chunks of 4 and 2, of which a rank has 2 and 1; 2 query heads and 1 key head of 2,
/// over heads 1 and 1; 3 wide feed-forward; 5 words; bf16.
Job tiny() {
  Job job = test::tiny_job(1, 3);
  job.method.sequence = SequenceDistribution::fpdt;
  job.method.attention = Attention::flash;
  job.method.query_chunk.tokens = Tokens(4);
  job.precision = Precision::bf16;
  job.optimizer.kind = OptimizerKind::sgd;
  job.degrees.sequence = 2;
  job.batch = 1;
  job.seq = Tokens(6);
  return job;
}

/// The events in front of the first `stop`, from the first `start` on.
Events stretch(const Events& events, const std::string& start, const std::string& stop) {
  const auto first = std::find(events.begin(), events.end(), start);
  return {first, std::find(first, events.end(), stop)};
}

}  // namespace

TEST_CASE("FPDT's forward exchanges each chunk's heads, and o goes back before the output product") {
  CHECK(stretch(events_of(tiny(), "layer forward"), "+attention norm output 16 attention",
                "+feed-forward norm output 24 saved") == Events{"+attention norm output 16 attention",
                                                                "+q 16 attention",
                                                                "+k 8 attention",
                                                                "+v 8 attention",
                                                                "-attention norm output",
                                                                "+q over heads 16 attention",
                                                                "-q",
                                                                "+k over heads 16 attention",
                                                                "-k",
                                                                "+v over heads 16 attention",
                                                                "-v",
                                                                "+running row maximum 16 attention",
                                                                "+running row sum 16 attention",
                                                                "+accumulator of o 32 attention",
                                                                "-k over heads",
                                                                "-v over heads",
                                                                "-q over heads",
                                                                "+o 16 attention",
                                                                "-accumulator of o",
                                                                "-running row sum",
                                                                "-running row maximum",
                                                                "+o 16 attention",
                                                                "-o",
                                                                "+r 24 saved",
                                                                "-o",
                                                                "+attention norm output 8 attention",
                                                                "+q 8 attention",
                                                                "+k 4 attention",
                                                                "+v 4 attention",
                                                                "-attention norm output",
                                                                "+q over heads 8 attention",
                                                                "-q",
                                                                "+k over heads 8 attention",
                                                                "-k",
                                                                "+v over heads 8 attention",
                                                                "-v",
                                                                "+running row maximum 8 attention",
                                                                "+running row sum 8 attention",
                                                                "+accumulator of o 16 attention",
                                                                "+fetched k 16 attention",
                                                                "+fetched v 16 attention",
                                                                "-fetched k",
                                                                "-fetched v",
                                                                "-k over heads",
                                                                "-v over heads",
                                                                "-q over heads",
                                                                "+o 8 attention",
                                                                "-accumulator of o",
                                                                "-running row sum",
                                                                "-running row maximum",
                                                                "+o 8 attention",
                                                                "-o",
                                                                "-o"});
  CHECK(events_of(tiny(), "layer forward", Side::host) ==
        Events{"+copy of k 16 saved", "+copy of v 16 saved", "+copy of q 16 saved", "+copy of the logsumexp 16 saved",
               "+copy of o 16 saved", "+copy of k 8 saved", "+copy of v 8 saved", "+copy of q 8 saved",
               "+copy of the logsumexp 8 saved", "+copy of o 8 saved"});
}

TEST_CASE("FPDT's backward exchanges o again, its gradient, and each key chunk's gradients with copies of dk and dv") {
  const Events backward = events_of(tiny(), "layer backward");
  CHECK(stretch(backward, "+fetched o 16 attention", "+fetched o 8 attention") ==
        Events{"+fetched o 16 attention", "+o 16 attention", "+W_o 32 gradients", "-o", "+gradient of o 16 attention",
               "+gradient of o over heads 16 attention", "-gradient of o", "+D 16 attention", "-fetched o",
               "-gradient of o over heads", "-D"});
  CHECK(stretch(backward, "+fetched k 16 attention", "+fetched k 8 attention") ==
        Events{"+fetched k 16 attention",
               "+fetched v 16 attention",
               "+accumulator of dk 32 attention",
               "+accumulator of dv 32 attention",
               "+fetched q 16 attention",
               "+fetched gradient of o 16 attention",
               "+fetched logsumexp 16 attention",
               "+fetched D 16 attention",
               "+accumulator of dq 32 attention",
               "+fetched q 8 attention",
               "+fetched gradient of o 8 attention",
               "+fetched logsumexp 8 attention",
               "+fetched D 8 attention",
               "+accumulator of dq 16 attention",
               "-fetched q",
               "-fetched gradient of o",
               "-fetched logsumexp",
               "-fetched D",
               "-fetched q",
               "-fetched gradient of o",
               "-fetched logsumexp",
               "-fetched D",
               "-accumulator of dq",
               "-fetched k",
               "-fetched v",
               "+dq 16 attention",
               "-accumulator of dq",
               "+dk 16 attention",
               "-accumulator of dk",
               "+dv 16 attention",
               "-accumulator of dv",
               "+dq 16 attention",
               "-dq",
               "+copies of dk 16 message",
               "-dk",
               "+dk 8 attention",
               "-copies of dk",
               "+copies of dv 16 message",
               "-dv",
               "+dv 8 attention",
               "-copies of dv",
               "+attention norm output 16 attention",
               "+attention norm statistics 8 attention",
               "+W_q 32 gradients",
               "+W_k 16 gradients",
               "+W_v 16 gradients",
               "-attention norm output",
               "+gradient of the attention norm output 16 attention",
               "-dq",
               "-dk",
               "-dv",
               "+attention norm gain 8 gradients",
               "-attention norm statistics",
               "-gradient of the attention norm output"});
}

TEST_CASE("FPDT's ranks send each chunk's q, k, v and o, and in backward o, its gradient, dq, dk and dv") {
  const auto sent = [](const Job& job) {
    test::Bench bench;
    const measure::mpi::Exchange exchange;
    measure::mpi::MpiCommunicator communicator(measure::place_of(job, test::this_rank()), exchange);
    return measure::measure(*bench.backend, bench.resource, job, {}, communicator).sent;
  };
  // Of q, o and their gradients half a row goes over, of k and v the one key head, of their gradients a half of the two
  // copies: 2 elements each, of the rank's 3 tokens in 2 chunks.
  const Bytes exchanged(3 * 2 * 2);
  // 124 elements of 11 gradients are summed and gathered in halves; of the loss each rank tells the other one thing.
  const MeasuredSent beside{Bytes(124 * 2 + 4), 11 * 2 + 1};
  const auto exchanges = [&](std::int64_t count) {
    return MeasuredSent{beside.bytes + count * exchanged, beside.messages + 2 * count};
  };
  Job job = tiny();
  CHECK(sent(job) == exchanges(4 + 5));
  job.recompute.kind = RecomputeKind::selective;
  CHECK(sent(job) == exchanges(4 + 5));
  job.recompute.kind = RecomputeKind::full;
  CHECK(sent(job) == exchanges(4 + 4 + 5));
}
