#pragma once

#include <cstdint>

#include <mpi.h>

#include <headroom/kernels/view.h>

namespace headroom::measure::mpi {

/// A count as MPI takes it. Throws std::runtime_error where it is larger than that.
[[nodiscard]] int count_of(std::int64_t count);

/// The type of single elements.
[[nodiscard]] MPI_Datatype element_type(kernels::Type type);

/// A layout of elements, freed with the object: what lets tensors be sent from where they lie.
class Layout {
 public:
  /// Columns [column, column + width) of all rows and batch entries of a view.
  [[nodiscard]] static Layout columns(const kernels::ConstView& view, std::int64_t column, std::int64_t width);
  /// All columns of rows [row, row + rows) of all batch entries.
  [[nodiscard]] static Layout rows(const kernels::ConstView& view, std::int64_t row, std::int64_t rows);

  Layout(Layout&& other) noexcept;
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;
  Layout& operator=(Layout&&) = delete;
  ~Layout();

  [[nodiscard]] MPI_Datatype type() const { return type_; }
  /// Of the first element, in bytes from the view's.
  [[nodiscard]] int offset() const { return offset_; }

 private:
  Layout(MPI_Datatype type, int offset) : type_(type), offset_(offset) {}

  MPI_Datatype type_ = MPI_DATATYPE_NULL;
  int offset_ = 0;
};

}  // namespace headroom::measure::mpi
