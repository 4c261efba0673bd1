#include "multiply.h"

#include <algorithm>

#include "loops.h"

namespace headroom::kernels::host {

namespace {

/// One tile of one product: its place and what it is the sum of.
struct TileTask {
  std::int64_t item;
  std::int64_t row;
  std::int64_t column;
  std::int64_t rows;
  std::int64_t columns;
};

TileTask tile_task(const Products& p, std::int64_t part) {
  const std::int64_t across = parts_of(p.n, kTileColumns), tiles = across * parts_of(p.m, kTileRows);
  const std::int64_t tile = part % tiles;
  const std::int64_t row = tile / across * kTileRows, column = tile % across * kTileColumns;
  return {part / tiles, row, column, std::min(kTileRows, p.m - row), std::min(kTileColumns, p.n - column)};
}

void write_tile(const OutMatrix& out, const TileTask& task, const Sums& sums, const Products& p) {
  Segment bias;
  const bool biased = static_cast<bool>(p.bias);
  const ConstFloats added = biased ? read_row(p.bias, 0, task.column, task.columns, bias) : ConstFloats(nullptr, 0);
  for (std::int64_t i = 0; i < task.rows; ++i) {
    if (biased) Floats(sums.row(i), task.columns) += added;
    write(out.type, out.data, (task.row + i) * out.row_stride + task.column, task.columns, sums.row(i), p.write);
  }
}

}  // namespace

OutMatrix out_of(const View& v, std::int64_t entry, std::int64_t column) {
  const std::int64_t offset = (entry * v.batch_stride + column) * size_of(v.type);
  return {static_cast<std::byte*>(v.data) + offset, v.type, v.width};
}

void HostBackend::multiply(const Products& p, FunctionRef<OutMatrix(std::int64_t)> out,
                           FunctionRef<Factors(std::int64_t, std::int64_t)> factors) {
  const std::int64_t tiles = parts_of(p.m, kTileRows) * parts_of(p.n, kTileColumns);
  pool_.run(p.count * tiles, [&](std::int64_t part, int thread) {
    const TileTask task = tile_task(p, part);
    Scratch memory = scratch(thread);
    const Factors first = factors(task.item, 0);
    const TileProduct product(first.a.type, first.b.type, memory);
    const Sums sums{memory.take(kTileRows * kTileColumns), kTileColumns};
    clear(sums, task.rows, task.columns);
    for (std::int64_t term = 0; term < p.terms; ++term) {
      const Factors f = factors(task.item, term);
      product.add(sums, f.a.from(task.row, 0), f.b.from(0, task.column), task.rows, task.columns, p.k, p.scale);
    }
    write_tile(out(task.item), task, sums, p);
  });
}

}  // namespace headroom::kernels::host
