#include "mpi_types.h"

#include <limits>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "mpi_check.h"

namespace headroom::measure::mpi {
namespace {

using kernels::ConstView;

MPI_Datatype committed(MPI_Datatype type) {
  check(MPI_Type_commit(&type), "MPI_Type_commit");
  return type;
}

/// `count` runs of `length` elements, each `step` elements behind the one before.
MPI_Datatype runs(std::int64_t count, std::int64_t length, std::int64_t step, MPI_Datatype element) {
  MPI_Datatype type = MPI_DATATYPE_NULL;
  check(MPI_Type_vector(count_of(count), count_of(length), count_of(step), element, &type), "MPI_Type_vector");
  return type;
}

/// `type` once for each batch entry.
MPI_Datatype for_each_entry(MPI_Datatype type, const ConstView& view) {
  MPI_Datatype all = MPI_DATATYPE_NULL;
  const MPI_Aint step = view.batch_stride * kernels::size_of(view.type);
  check(MPI_Type_create_hvector(count_of(view.batch), 1, step, type, &all), "MPI_Type_create_hvector");
  check(MPI_Type_free(&type), "MPI_Type_free");
  return committed(all);
}

}  // namespace

int count_of(std::int64_t count) {
  if (count <= std::numeric_limits<int>::max()) return static_cast<int>(count);
  throw std::runtime_error(fmt::format("a message of {} elements is larger than MPI can count", count));
}

MPI_Datatype element_type(kernels::Type type) {
  switch (type) {
    case kernels::Type::fp32: return MPI_FLOAT;
    case kernels::Type::bf16: return MPI_UINT16_T;
    case kernels::Type::int32: return MPI_INT32_T;
    case kernels::Type::uint8: return MPI_UINT8_T;
  }
  return MPI_BYTE;
}

Layout Layout::columns(const ConstView& view, std::int64_t column, std::int64_t width) {
  const std::int64_t size = kernels::size_of(view.type);
  return {for_each_entry(runs(view.rows, width, view.width, element_type(view.type)), view), count_of(column * size)};
}

Layout Layout::rows(const ConstView& view, std::int64_t row, std::int64_t rows) {
  const std::int64_t size = kernels::size_of(view.type);
  const std::int64_t length = rows * view.width;
  return {for_each_entry(runs(1, length, length, element_type(view.type)), view), count_of(row * view.width * size)};
}

Layout::Layout(Layout&& other) noexcept
    : type_(std::exchange(other.type_, MPI_DATATYPE_NULL)), offset_(other.offset_) {}

Layout::~Layout() {
  if (type_ != MPI_DATATYPE_NULL) MPI_Type_free(&type_);
}

}  // namespace headroom::measure::mpi
