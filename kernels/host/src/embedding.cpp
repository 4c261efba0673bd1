#include "embedding_rules.h"
#include "strips.h"

namespace headroom::kernels::host {

namespace {

std::int64_t id_of(const ConstView& ids, std::int64_t row) {
  return static_cast<const std::int32_t*>(ids.data)[row_begin(ids, row)];
}

void check_ids(const ConstView& table, const ConstView& ids, const ConstView& x, const char* operation) {
  check_embedding(table, ids, x, operation);
  for (std::int64_t row = 0; row < ids.batch * ids.rows; ++row) {
    const std::int64_t id = id_of(ids, row);
    require(id >= 0 && id < table.rows, operation, kIdRule);
  }
}

/// table[target(row)] += dx[row]; a thread owns columns, so that rows with one target do not meet.
template <class Target>
void scatter(Pool& pool, View table, ConstView dx, const Target& target) {
  for_each_strip(pool, table.width, [&](std::int64_t column, std::int64_t n) {
    Segment buffer;
    for (std::int64_t row = 0; row < dx.batch * dx.rows; ++row) {
      write_row(table, target(row), column, read_row(dx, row, column, n, buffer), Write::add);
    }
  });
}

}  // namespace

void HostBackend::embed(View out, ConstView table, ConstView ids) {
  check_ids(table, ids, out, "embed");
  for_each_segment(out, [&](std::int64_t row, std::int64_t column, std::int64_t n) {
    Segment buffer;
    write_row(out, row, column, read_row(table, id_of(ids, row), column, n, buffer));
  });
}

void HostBackend::embed_backward(View d_table, ConstView dx, ConstView ids, Write write) {
  check_ids(d_table, ids, dx, "embed_backward");
  if (write == Write::set) zero(d_table);
  scatter(pool_, d_table, dx, [&](std::int64_t row) { return id_of(ids, row); });
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
  scatter(pool_, d_table, dx, [&](std::int64_t row) { return position.first + row % dx.rows; });
}

}  // namespace headroom::kernels::host
