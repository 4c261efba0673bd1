#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cuda_backend.h"
#include "embedding_rules.h"
#include "simt/linear.h"
#include "vocabulary_place.h"

namespace headroom::kernels::cuda {

namespace {

using simt::kPack;
using simt::Pack;
using simt::Thread;

/// Rows whose id lies outside the part become zero; a block for each row.
struct Embed {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  View out;
  ConstView table;
  ConstView ids;
  Vocabulary vocabulary;
  std::int32_t* fault = nullptr;
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t row = thread.block().x, place = place_of(ids, row, vocabulary, fault);
    const std::int64_t from = simt::row_begin(table, 0, place), to = simt::row_begin(out, row);
    for (std::int64_t i = simt::first_pack(thread); i < out.width; i += simt::pack_step(thread)) {
      Pack p;
      if (place >= 0) p = simt::load(table.type, table.data, simt::pack_at(from, i, out.width, aligned));
      simt::store(out.type, out.data, simt::pack_at(to, i, out.width, aligned), p);
    }
  }
};

/// Some rows as lists of those that share an id, in order. All arrays have `rows` elements.
struct IdLists {
  std::int64_t rows = 0;
  std::int32_t* id = nullptr;       ///< its row of the table; -1: outside of it; such a row is in no list
  std::int32_t* next = nullptr;     ///< the next row of the list; -1: none
  std::int32_t* is_head = nullptr;  ///< 1 where the row is the first of its list
};

/// Reads the ids of rows [first, first + lists.rows); each is the head of a list.
struct BeginLists {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  IdLists lists;
  ConstView ids;
  std::int64_t first = 0;
  Vocabulary vocabulary;
  std::int32_t* fault = nullptr;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t i = thread.block().x * kThreads + thread.thread();
    if (i >= lists.rows) return;
    lists.id[i] = static_cast<std::int32_t>(place_of(ids, first + i, vocabulary, fault));
    lists.is_head[i] = lists.id[i] >= 0 ? 1 : 0;
  }
};

/// Each row looks for the next one with its id, which is then no head.
struct LinkLists {
  static constexpr int kThreads = 128;
  static constexpr int kMinBlocks = 1;

  IdLists lists;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t i = thread.block().x * kThreads + thread.thread();
    if (i >= lists.rows || lists.id[i] < 0) return;
    const std::int32_t id = lists.id[i];
    std::int64_t j = i + 1;
    while (j < lists.rows && lists.id[j] != id) ++j;
    lists.next[i] = j < lists.rows ? static_cast<std::int32_t>(j) : -1;
    if (j < lists.rows) lists.is_head[j] = 0;
  }
};

/// The first row of each list adds the list's sum, in fp32, to the table: a block for each row.
struct AddLists {
  static constexpr int kThreads = 256;
  static constexpr int kMinBlocks = 1;

  IdLists lists;
  View d_table;
  ConstView dx;
  std::int64_t first = 0;  ///< of dx, where the lists begin
  bool aligned = false;

  HEADROOM_DEVICE void operator()(Thread& thread) const {
    const std::int64_t begin = thread.block().x;
    if (lists.is_head[begin] == 0) return;
    const std::int64_t to = simt::row_begin(d_table, lists.id[begin]);
    for (std::int64_t i = simt::first_pack(thread); i < dx.width; i += simt::pack_step(thread)) {
      Pack sum;
      for (std::int64_t j = begin; j >= 0; j = lists.next[j]) {
        const Pack p =
            simt::load(dx.type, dx.data, simt::pack_at(simt::row_begin(dx, first + j), i, dx.width, aligned));
        HEADROOM_UNROLL
        for (int k = 0; k < kPack; ++k) sum.v[k] += p.v[k];
      }
      simt::store(d_table.type, d_table.data, simt::pack_at(to, i, dx.width, aligned), sum, Write::add);
    }
  }
};

/// table = or += the sum of x over the batch; both hold the same rows.
struct BatchSum {
  View table;
  ConstView x;
  Write write = Write::set;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t /*entry*/, std::int64_t i, std::int64_t length) const {
    Pack sum;
    for (std::int64_t entry = 0; entry < x.batch; ++entry) {
      const Pack p = simt::load(x.type, x.data, simt::pack_of(x, entry, i, length, aligned));
      HEADROOM_UNROLL
      for (int j = 0; j < kPack; ++j) sum.v[j] += p.v[j];
    }
    simt::store(table.type, table.data, simt::pack_at(0, i, length, aligned), sum, write);
  }
};

/// x += table, the same for each batch entry.
struct AddPositions {
  View x;
  ConstView table;
  bool aligned = false;

  HEADROOM_HD void operator()(std::int64_t entry, std::int64_t i, std::int64_t length) const {
    const Pack p = simt::load(table.type, table.data, simt::pack_at(0, i, length, aligned));
    simt::store(x.type, x.data, simt::pack_of(x, entry, i, length, aligned), p, Write::add);
  }
};

/// The rows of a position table that a block reads.
ConstView rows_at(ConstView table, const Position& position, std::int64_t rows) {
  table.data = static_cast<const std::byte*>(table.data) + position.first * table.width * size_of(table.type);
  table.rows = rows;
  return table;
}

}  // namespace

void CudaBackend::gather(View out, ConstView table, ConstView ids, const Vocabulary& vocabulary, Fault told) {
  launch(simt::one_block_each_row(out.batch * out.rows, out.width, kPack, Embed::kThreads, 0),
         Embed{out, table, ids, vocabulary, fault(told), simt::have_aligned_rows(out, table)});
}

// Rows that share an id are summed in fp32 and in order, thousands of rows at a time, because a bf16 table loses small
// gradients that are added one by one; looking for equal ids costs less there than sorting.
void CudaBackend::scatter(View table, ConstView x, ConstView ids, const Vocabulary& vocabulary, Write write,
                          Fault told) {
  if (write == Write::set) zero(table);
  const bool aligned = simt::have_aligned_rows(table, x);
  const std::int64_t most = std::min<std::int64_t>(8192, scratch_.floats / 3), rows = x.batch * x.rows;
  auto* arrays = reinterpret_cast<std::int32_t*>(scratch_.data);
  for (std::int64_t first = 0; first < rows; first += most) {
    const IdLists lists{std::min(most, rows - first), arrays, arrays + most, arrays + 2 * most};
    launch({{simt::parts_of(lists.rows, BeginLists::kThreads), 1, 1}, BeginLists::kThreads, 0},
           BeginLists{lists, ids, first, vocabulary, fault(told)});
    launch({{simt::parts_of(lists.rows, LinkLists::kThreads), 1, 1}, LinkLists::kThreads, 0}, LinkLists{lists});
    launch(simt::one_block_each_row(lists.rows, x.width, kPack, AddLists::kThreads, 0),
           AddLists{lists, table, x, first, aligned});
  }
}

void CudaBackend::embed(View out, ConstView table, ConstView ids) {
  check_embedding(table, ids, out, "embed");
  gather(out, table, ids, whole_vocabulary(table.rows), Fault::embed);
}

void CudaBackend::embed_backward(View d_table, ConstView dx, ConstView ids, Write write) {
  check_embedding(d_table, ids, dx, "embed_backward");
  scatter(d_table, dx, ids, whole_vocabulary(d_table.rows), write, Fault::embed_backward);
}

void CudaBackend::embed_part(View out, ConstView table, ConstView ids, const VocabularyPart& part) {
  check_embedding_part(table, ids, out, part, "embed_part");
  gather(out, table, ids, part_of_vocabulary(part), Fault::embed_part);
}

void CudaBackend::embed_part_backward(View d_table, ConstView dx, ConstView ids, const VocabularyPart& part,
                                      Write write) {
  check_embedding_part(d_table, ids, dx, part, "embed_part_backward");
  scatter(d_table, dx, ids, part_of_vocabulary(part), write, Fault::embed_part_backward);
}

void CudaBackend::add_positions(View x, ConstView table, Position position) {
  check_positions(table, x, position, "add_positions");
  const ConstView rows = rows_at(table, position, x.rows);
  simt::launch_linear(stream_, x, AddPositions{x, rows, simt::are_aligned(x, rows)});
}

void CudaBackend::add_positions_backward(View d_table, ConstView dx, Position position, Write write) {
  check_positions(d_table, dx, position, "add_positions_backward");
  if (write == Write::set) zero(d_table);
  const View rows = rows_of(d_table, position.first, dx.rows);
  simt::launch_linear(stream_, rows, BatchSum{rows, dx, write, simt::are_aligned(rows, dx)});
}

}  // namespace headroom::kernels::cuda
