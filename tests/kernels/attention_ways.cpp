#include "attention_ways.h"

#include <algorithm>

namespace headroom::test {

namespace {

/// body(first row, rows) over the blocks of a sequence, the last one shorter.
template <class Body>
void for_each_block(std::int64_t seq, std::int64_t step, const Body& body) {
  for (std::int64_t first = 0; first < seq; first += step) body(first, std::min(step, seq - first));
}

/// One attention block by block, holding what its kernels pass on to each other.
class Blockwise {
 public:
  Blockwise(Device& device, const AttentionCase& c, const BlockSizes& blocks)
      : device_(device),
        c_(c),
        blocks_(blocks),
        out(device, c.type, c.sizes.queries()),
        dq(device, Type::fp32, c.sizes.queries()),
        dk(device, Type::fp32, c.sizes.keys()),
        dv(device, Type::fp32, c.sizes.keys()) {
    for (const Operand* sums : {&dq, &dk, &dv}) device.backend().zero(*sums);
  }

  void run(std::int64_t query, std::int64_t rows) {
    const Operand max = statistics(rows), sum = statistics(rows);
    const Operand sums(device_, Type::fp32, {c_.sizes.batch, rows, c_.sizes.queries().width});
    forward({max, sum, sums}, query, rows, true);
    device_.backend().blocks_end(rows_of(out, query, rows), {max, sum, sums});
    const Operand lse = statistics(rows), lse_sum = statistics(rows), delta = statistics(rows);
    forward({lse, lse_sum, {}}, query, rows, false);
    device_.backend().blocks_end({}, {lse, lse_sum, {}});
    const View d_out = rows_of(c_.d_out, query, rows);
    device_.backend().attention_delta(delta, d_out, rows_of(out, query, rows), c_.sizes.heads);
    for_each_block(c_.sizes.seq, blocks_.keys, [&](std::int64_t key, std::int64_t keys) {
      const Operand p = tile(rows, keys), dp = tile(rows, keys);
      const AttentionSaved saved{
          rows_of(c_.q, query, rows), rows_of(c_.k, key, keys), rows_of(c_.v, key, keys), d_out, lse, delta};
      device_.backend().blocks_backward(rows_of(dq, query, rows), rows_of(dk, key, keys), rows_of(dv, key, keys),
                                        tile_view(p), tile_view(dp), saved, c_.sizes.block(query, key));
    });
  }

 private:
  [[nodiscard]] Operand statistics(std::int64_t rows) const {
    return {device_, Type::fp32, {c_.sizes.batch, c_.sizes.heads.heads, rows}};
  }
  [[nodiscard]] Operand tile(std::int64_t rows, std::int64_t keys) const {
    return {device_, Type::fp32, {c_.sizes.batch * c_.sizes.heads.heads, rows, keys}};
  }
  [[nodiscard]] View tile_view(const Operand& tile) const { return blocks_.tiles ? tile.view() : View{}; }

  void forward(const RunningAttention& running, std::int64_t query, std::int64_t rows, bool with_values) const {
    device_.backend().blocks_begin(running);
    for_each_block(c_.sizes.seq, blocks_.keys, [&](std::int64_t key, std::int64_t keys) {
      const Operand scores = tile(rows, keys);
      device_.backend().blocks_add(running, tile_view(scores), rows_of(c_.q, query, rows), rows_of(c_.k, key, keys),
                                   with_values ? ConstView(rows_of(c_.v, key, keys)) : ConstView{},
                                   c_.sizes.block(query, key));
    });
  }

  Device& device_;
  const AttentionCase& c_;
  BlockSizes blocks_;

 public:
  Operand out;
  Operand dq;
  Operand dk;
  Operand dv;
};

/// One attention with its scores written out, some queries at a time.
class Written {
 public:
  Written(Device& device, const AttentionCase& c)
      : out(device, c.type, c.sizes.queries()),
        dq(device, c.type, c.sizes.queries()),
        dk(device, c.type, c.sizes.keys()),
        dv(device, c.type, c.sizes.keys()),
        device_(device),
        c_(c) {
    for (const Operand* sums : {&dk, &dv}) device.backend().zero(*sums);
  }

  void run(std::int64_t query, std::int64_t rows) {
    kernels::Backend& backend = device_.backend();
    const Heads& heads = c_.sizes.heads;
    const Position position{query, c_.sizes.seq};
    const Operand scores = of_scores(rows, c_.type), dropped = of_scores(rows, c_.type);
    const Operand mask = of_scores(rows, Type::uint8), d_scores = of_scores(rows, c_.type);
    const Operand dk_part(device_, c_.type, c_.sizes.keys()), dv_part(device_, c_.type, c_.sizes.keys());
    const View q = rows_of(c_.q, query, rows), d_out = rows_of(c_.d_out, query, rows);
    backend.attention_scores(scores, q, c_.k, heads, position);
    if (c_.sizes.dropout) backend.dropout(dropped, mask, scores, c_.sizes.dropout, position);
    const Operand& multiplied = c_.sizes.dropout ? dropped : scores;
    backend.attention_values(rows_of(out, query, rows), multiplied, c_.v, heads);
    backend.attention_values_backward_v(dv_part, multiplied, d_out, heads);
    backend.attention_values_backward_scores(d_scores, d_out, c_.v, heads);
    if (c_.sizes.dropout) backend.dropout_backward(d_scores, d_scores, mask, c_.sizes.dropout);
    backend.softmax_backward(d_scores, scores);
    backend.attention_scores_backward_q(rows_of(dq, query, rows), d_scores, c_.k, heads);
    backend.attention_scores_backward_k(dk_part, d_scores, q, heads);
    backend.add(dk, dk_part);
    backend.add(dv, dv_part);
  }

 private:
  [[nodiscard]] Operand of_scores(std::int64_t rows, Type type) const {
    return {device_, type, {c_.sizes.batch * c_.sizes.heads.heads, rows, c_.sizes.seq}};
  }

 public:
  Operand out;
  Operand dq;
  Operand dk;
  Operand dv;

 private:
  Device& device_;
  const AttentionCase& c_;
};

}  // namespace

AttentionResult vanilla_attention(Device& device, const AttentionCase& c) {
  return vanilla_attention(device, c, c.sizes.seq);
}

AttentionResult vanilla_attention(Device& device, const AttentionCase& c, std::int64_t queries) {
  Written written(device, c);
  for_each_block(c.sizes.seq, queries, [&](std::int64_t query, std::int64_t rows) { written.run(query, rows); });
  return {written.out.values(), written.dq.values(), written.dk.values(), written.dv.values()};
}

AttentionResult flash_attention(Device& device, const AttentionCase& c, std::int64_t queries) {
  kernels::Backend& backend = device.backend();
  const Operand out(device, c.type, c.sizes.queries()), dq(device, Type::fp32, c.sizes.queries());
  const Operand dk(device, Type::fp32, c.sizes.keys()), dv(device, Type::fp32, c.sizes.keys());
  for_each_block(c.sizes.seq, queries, [&](std::int64_t query, std::int64_t rows) {
    const Operand lse(device, Type::fp32, {c.sizes.batch, c.sizes.heads.heads, rows});
    const Operand delta(device, Type::fp32, lse.shape());
    const View q = rows_of(c.q, query, rows), d_out = rows_of(c.d_out, query, rows), o = rows_of(out, query, rows);
    backend.flash(o, lse, q, c.k, c.v, c.sizes.block(query));
    backend.attention_delta(delta, d_out, o, c.sizes.heads);
    backend.flash_backward(rows_of(dq, query, rows), dk, dv, query == 0 ? Write::set : Write::add,
                           {q, c.k, c.v, d_out, lse, delta}, c.sizes.block(query));
  });
  return {out.values(), dq.values(), dk.values(), dv.values()};
}

AttentionResult block_attention(Device& device, const AttentionCase& c, const BlockSizes& blocks) {
  Blockwise blockwise(device, c, blocks);
  for_each_block(c.sizes.seq, blocks.queries,
                 [&](std::int64_t query, std::int64_t rows) { blockwise.run(query, rows); });
  return {blockwise.out.values(), blockwise.dq.values(), blockwise.dk.values(), blockwise.dv.values()};
}

}  // namespace headroom::test
