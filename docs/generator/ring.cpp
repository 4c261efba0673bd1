#include "ring.h"

#include <algorithm>
#include <array>

#include <headroom/sim/predictor.h>
#include <headroom/sim/published.h>

#include "example.h"
#include "polynomial.h"
#include "tables.h"

namespace headroom::docs {
namespace {

namespace published = sim::published;
using published::ring_table1::Row;

/// Long enough for what grows with the sequence to decide every maximum.
constexpr std::int64_t kStep = 131072;

/// Bytes of `bytes_at` in the paper's symbols.
template <class BytesAt>
std::string in_symbols(const Job& job, std::int64_t bch, BytesAt bytes_at) {
  const Polynomial polynomial(kStep, {bytes_at(kStep), bytes_at(2 * kStep), bytes_at(3 * kStep)});
  return polynomial.in_words(job.batch * job.model.kinds.front().heads, job.batch * job.model.hidden, bch);
}

std::string printed(const Job& job, Row (*row)(const published::Symbols&), Bytes Row::*cell) {
  published::Symbols x{job.batch,
                       0,
                       job.model.hidden,
                       job.model.kinds.front().heads,
                       layer_count(job.model),
                       job.model.vocab,
                       job.method.query_chunk.tokens.count()};
  return in_symbols(job, x.b * x.c * x.h, [&](std::int64_t s) {
    x.s = s;
    return (row(x).*cell).count();
  });
}

/// What the layers hold beside the residual stream, at one length.
struct WorkingSets {
  std::int64_t largest_attention = 0;     ///< tensor of a forward
  std::int64_t largest_feed_forward = 0;  ///< tensor of a forward
  std::int64_t forward = 0;               ///< alive at once
  std::int64_t backward = 0;              ///< alive at once, recompute included
};

bool is_forward(sim::Instant instant) {
  return instant == sim::Instant::attention_forward || instant == sim::Instant::feed_forward_forward;
}

WorkingSets working_sets(const Job& job, Tokens seq) {
  WorkingSets sets;
  std::int64_t live = 0;
  sim::Predictor(job).timeline(seq, [&](const sim::TimelineEvent& event) {
    const bool attention = event.category == Category::attention;
    if (!attention && event.category != Category::feed_forward) return;
    const std::int64_t bytes = event.bytes.count();
    live += event.born ? bytes : -bytes;
    if (!is_forward(event.moment.instant)) {
      sets.backward = std::max(sets.backward, live);
      return;
    }
    std::int64_t& largest = attention ? sets.largest_attention : sets.largest_feed_forward;
    largest = std::max(largest, bytes);
    sets.forward = std::max(sets.forward, live);
  });
  return sets;
}

std::string narrated(const Job& job, std::int64_t WorkingSets::*field) {
  return in_symbols(job, 0, [&](std::int64_t s) { return working_sets(job, Tokens(s)).*field; });
}

void add_row(MarkdownTable& table, std::string_view method, Row (*row)(const published::Symbols&)) {
  Job job = gpt_example(method);
  job.model.layer_runs = {{1, {0}}};
  table.row({std::string(method), printed(job, row, &Row::self_attention),
             narrated(job, &WorkingSets::largest_attention), printed(job, row, &Row::feed_forward),
             narrated(job, &WorkingSets::largest_feed_forward), narrated(job, &WorkingSets::forward),
             narrated(job, &WorkingSets::backward)});
}

}  // namespace

std::string ring_table() {
  MarkdownTable table({"layer", "paper, self-attention", "largest attention tensor", "paper, feed-forward",
                       "largest feed-forward tensor", "alive at once, forward", "alive at once, backward"});
  add_row(table, "vanilla", published::ring_table1::vanilla);
  add_row(table, "memory-efficient", published::ring_table1::memory_efficient);
  add_row(table, "bpt", published::ring_table1::memory_efficient_ffn);
  return table.text();
}

}  // namespace headroom::docs
