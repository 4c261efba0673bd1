#include "attention_case.h"

#include <algorithm>

namespace headroom::test {

namespace {

/// Where things lie in the tensors of one attention.
struct Index {
  const AttentionSizes& s;

  [[nodiscard]] std::size_t query(std::int64_t b, std::int64_t row, std::int64_t head, std::int64_t i) const {
    return static_cast<std::size_t>(((b * s.seq + row) * s.heads.heads + head) * s.heads.head_dim + i);
  }
  [[nodiscard]] std::size_t key(std::int64_t b, std::int64_t row, std::int64_t head, std::int64_t i) const {
    const std::int64_t kv = head * s.heads.kv_heads / s.heads.heads;
    return static_cast<std::size_t>(((b * s.seq + row) * s.heads.kv_heads + kv) * s.heads.head_dim + i);
  }
  [[nodiscard]] std::size_t statistic(std::int64_t b, std::int64_t head, std::int64_t row) const {
    return static_cast<std::size_t>((b * s.heads.heads + head) * s.seq + row);
  }
  [[nodiscard]] std::size_t score(std::int64_t b, std::int64_t head, std::int64_t row, std::int64_t column) const {
    return statistic(b, head, row) * static_cast<std::size_t>(s.seq) + static_cast<std::size_t>(column);
  }
};

/// The attention of one query row of one head.
void add_row(ReferenceAttention& r, const AttentionSizes& s, const Values& q, const Values& k, const Values& v,
             std::int64_t b, std::int64_t head, std::int64_t row) {
  const Index at{s};
  const std::int64_t end = s.heads.causal ? row + 1 : s.seq;
  const std::int64_t first = s.heads.window > 0 ? std::max<std::int64_t>(0, row + 1 - s.heads.window) : 0;
  Values e;
  double sum = 0;
  for (std::int64_t j = first; j < end; ++j) {
    double dot = 0;
    for (std::int64_t i = 0; i < s.heads.head_dim; ++i) dot += q[at.query(b, row, head, i)] * k[at.key(b, j, head, i)];
    e.push_back(std::exp(dot / std::sqrt(static_cast<double>(s.heads.head_dim))));
    sum += e.back();
  }
  r.lse[at.statistic(b, head, row)] = std::log(sum);
  for (std::int64_t j = first; j < end; ++j) {
    const std::size_t score = at.score(b, head, row, j);
    r.scores[score] = e[static_cast<std::size_t>(j - first)] / sum;
    r.dropped[score] = r.scores[score];
    if (s.dropout) {
      r.dropped[score] *=
          keeps(s.dropout, static_cast<std::int64_t>(score)) ? static_cast<double>(s.dropout.scale()) : 0;
    }
    for (std::int64_t i = 0; i < s.heads.head_dim; ++i) {
      r.out[at.query(b, row, head, i)] += r.dropped[score] * v[at.key(b, j, head, i)];
    }
  }
}

}  // namespace

ReferenceAttention attention(const AttentionSizes& s, const Values& q, const Values& k, const Values& v) {
  ReferenceAttention result{Values(s.scores().size(), 0), Values(s.scores().size(), 0), Values(s.queries().size(), 0),
                            Values(s.statistics().size(), 0)};
  for (std::int64_t b = 0; b < s.batch; ++b) {
    for (std::int64_t head = 0; head < s.heads.heads; ++head) {
      for (std::int64_t row = 0; row < s.seq; ++row) add_row(result, s, q, k, v, b, head, row);
    }
  }
  return result;
}

ReferenceGradients attention_gradients(const AttentionCase& c) {
  const Values q = c.q.values(), k = c.k.values(), v = c.v.values(), d_out = c.d_out.values();
  return {differences(q, d_out, [&](const Values& at) { return attention(c.sizes, at, k, v).out; }),
          differences(k, d_out, [&](const Values& at) { return attention(c.sizes, q, at, v).out; }),
          differences(v, d_out, [&](const Values& at) { return attention(c.sizes, q, k, at).out; })};
}

}  // namespace headroom::test
