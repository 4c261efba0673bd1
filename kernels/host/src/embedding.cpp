#include "embedding_rules.h"
#include "strips.h"
#include "vocabulary.h"

namespace headroom::kernels::host {

namespace {

/// None may lie outside the vocabulary, before one is used.
void check_ids(const ConstView& ids, const Vocabulary& vocabulary, const char* operation, const char* rule) {
  for (std::int64_t row = 0; row < ids.batch * ids.rows; ++row) {
    require(vocabulary.has(id_of(ids, row)), operation, rule);
  }
}

/// table[target(row)] += dx[row] unless the target is -1; a thread owns columns, so that rows with one target do not
/// meet.
template <class Target>
void add_rows(Pool& pool, View table, ConstView dx, const Target& target) {
  for_each_strip(pool, table.width, [&](std::int64_t column, std::int64_t n) {
    Segment buffer;
    for (std::int64_t row = 0; row < dx.batch * dx.rows; ++row) {
      const std::int64_t to = target(row);
      if (to >= 0) write_row(table, to, column, read_row(dx, row, column, n, buffer), Write::add);
    }
  });
}

}  // namespace

void HostBackend::gather(View out, ConstView table, ConstView ids, const VocabularyPart& part) {
  for_each_segment(out, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment buffer;
    const std::int64_t from = part.place_of(id_of(ids, row));
    if (from < 0) std::fill_n(buffer.begin(), n, 0.0F);
    write_row(out, row, column, from < 0 ? ConstFloats(buffer.data(), n) : read_row(table, from, column, n, buffer));
  });
}

void HostBackend::scatter(View table, ConstView x, ConstView ids, const VocabularyPart& part, Write write) {
  if (write == Write::set) zero(table);
  add_rows(pool_, table, x, [&](std::int64_t row) { return part.place_of(id_of(ids, row)); });
}

void HostBackend::embed(View out, ConstView table, ConstView ids) {
  const Vocabulary vocabulary = whole_vocabulary(table.rows);
  check_embedding(table, ids, out, "embed");
  check_ids(ids, vocabulary, "embed", kIdRule);
  gather(out, table, ids, vocabulary.part);
}

void HostBackend::embed_backward(View d_table, ConstView dx, ConstView ids, Write write) {
  const Vocabulary vocabulary = whole_vocabulary(d_table.rows);
  check_embedding(d_table, ids, dx, "embed_backward");
  check_ids(ids, vocabulary, "embed_backward", kIdRule);
  scatter(d_table, dx, ids, vocabulary.part, write);
}

void HostBackend::embed_part(View out, ConstView table, ConstView ids, const VocabularyPart& part) {
  check_embedding_part(table, ids, out, part, "embed_part");
  check_ids(ids, part_of_vocabulary(part), "embed_part", kPartIdRule);
  gather(out, table, ids, part);
}

void HostBackend::embed_part_backward(View d_table, ConstView dx, ConstView ids, const VocabularyPart& part,
                                      Write write) {
  check_embedding_part(d_table, ids, dx, part, "embed_part_backward");
  check_ids(ids, part_of_vocabulary(part), "embed_part_backward", kPartIdRule);
  scatter(d_table, dx, ids, part, write);
}

void HostBackend::add_positions(View x, ConstView table, Position position) {
  check_positions(table, x, position, "add_positions");
  for_each_segment(x, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment buffer;
    write_row(x, row, column, read_row(table, position.first + row % x.rows, column, n, buffer), Write::add);
  });
}

void HostBackend::add_positions_backward(View d_table, ConstView dx, Position position, Write write) {
  check_positions(d_table, dx, position, "add_positions_backward");
  if (write == Write::set) zero(d_table);
  add_rows(pool_, d_table, dx, [&](std::int64_t row) { return position.first + row % dx.rows; });
}

}  // namespace headroom::kernels::host
