#include "mpi_group.h"

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "mpi_check.h"
#include "mpi_types.h"

namespace headroom::measure::mpi {
namespace {

using kernels::ConstView;
using kernels::View;

/// While it lives, the rank waits for others.
class Wait {
 public:
  explicit Wait(const Waiting& waiting) : waiting_(waiting) { waiting_(true); }
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  ~Wait() { waiting_(false); }

 private:
  const Waiting& waiting_;
};

void require(bool holds, const char* rule) {
  if (!holds) throw std::invalid_argument(std::string("a message between ranks: ") + rule);
}

bool is_in_one_piece(const ConstView& view) { return view.batch == 1 || view.batch_stride == view.rows * view.width; }

void require_one_piece(const ConstView& view) { require(is_in_one_piece(view), "the tensor is not one piece"); }

/// `in` are some tokens of each sequence, `out` the tokens of all of `ranks`.
void require_token_runs(const ConstView& out, const ConstView& in, std::int64_t ranks) {
  require(out.type == in.type && out.batch == in.batch, "the tensors differ in type or batch");
  require(out.rows == ranks * in.rows, "the token runs do not make up the whole");
}

/// What each rank sends to one of the others, or receives from it.
class Pieces {
 public:
  void add(Layout layout) {
    types_.push_back(layout.type());
    offsets_.push_back(layout.offset());
    layouts_.push_back(std::move(layout));
    counts_.push_back(1);
  }
  [[nodiscard]] const int* counts() const { return counts_.data(); }
  [[nodiscard]] const int* offsets() const { return offsets_.data(); }
  [[nodiscard]] const MPI_Datatype* types() const { return types_.data(); }

 private:
  std::vector<Layout> layouts_;
  std::vector<MPI_Datatype> types_;
  std::vector<int> offsets_;
  std::vector<int> counts_;
};

/// Token run by token run.
Pieces runs_of(const ConstView& view, int ranks) {
  Pieces pieces;
  const std::int64_t rows = view.rows / ranks;
  for (int r = 0; r < ranks; ++r) pieces.add(Layout::rows(view, r * rows, rows));
  return pieces;
}

/// Pieces of `width` columns, one for each rank; some the same where there are fewer.
Pieces columns_of(const ConstView& view, int ranks, std::int64_t width) {
  Pieces pieces;
  const std::int64_t distinct = view.width / width;
  for (int r = 0; r < ranks; ++r) pieces.add(Layout::columns(view, r * distinct / ranks * width, width));
  return pieces;
}

void exchange(MPI_Comm ranks, const View& out, const Pieces& received, const ConstView& in, const Pieces& sent) {
  check(MPI_Alltoallw(in.data, sent.counts(), sent.offsets(), sent.types(), out.data, received.counts(),
                      received.offsets(), received.types(), ranks),
        "MPI_Alltoallw");
}

/// Lengths and begins of all ranks' parts, in elements.
struct Parts {
  std::vector<int> counts;
  std::vector<int> firsts;

  Parts(std::int64_t elements, int ranks) {
    for (int r = 0; r < ranks; ++r) {
      const Part part = part_of(elements, r, ranks);
      counts.push_back(count_of(part.count));
      firsts.push_back(count_of(part.first));
    }
  }
};

template <class Void>
Void* element(const kernels::BasicView<Void>& view, std::int64_t index) {
  using Byte = std::conditional_t<std::is_const_v<Void>, const std::byte, std::byte>;
  return static_cast<Byte*>(view.data) + index * kernels::size_of(view.type);
}

}  // namespace

MpiGroup::MpiGroup(MPI_Comm all, std::int64_t color, const Bf16Sum& bf16_sum, const Waiting& waiting)
    : bf16_sum_(bf16_sum), waiting_(waiting) {
  check(MPI_Comm_split(all, count_of(color), 0, &ranks_), "MPI_Comm_split");
  check(MPI_Comm_set_errhandler(ranks_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_rank(ranks_, &rank_), "MPI_Comm_rank");
  check(MPI_Comm_size(ranks_, &size_), "MPI_Comm_size");
}

MpiGroup::~MpiGroup() {
  // A rank that fails would wait here for the others, who wait for it.
  if (std::uncaught_exceptions() == 0) MPI_Comm_free(&ranks_);
}

MPI_Op MpiGroup::sum_of(kernels::Type type) const {
  require(type == kernels::Type::fp32 || type == kernels::Type::bf16, "only fp32 and bf16 are summed");
  return type == kernels::Type::bf16 ? bf16_sum_.operation() : MPI_SUM;
}

void MpiGroup::gather_tokens(View whole, ConstView own) {
  require_token_runs(whole, own, size_);
  require(whole.width == own.width, "the token runs differ in width");
  // An entry's runs follow one another: a collective for each entry needs no layouts.
  const int count = count_of(own.rows * own.width);
  auto* const type = element_type(own.type);
  const Wait wait(waiting_);
  for (std::int64_t b = 0; b < own.batch; ++b) {
    check(MPI_Allgather(element(own, b * own.batch_stride), count, type, element(whole, b * whole.batch_stride), count,
                        type, ranks_),
          "MPI_Allgather");
  }
}

void MpiGroup::reduce_scatter_tokens(View own, ConstView whole) {
  require_token_runs(whole, own, size_);
  require(whole.width == own.width, "the token runs differ in width");
  const int count = count_of(own.rows * own.width);
  const Wait wait(waiting_);
  for (std::int64_t b = 0; b < own.batch; ++b) {
    check(MPI_Reduce_scatter_block(element(whole, b * whole.batch_stride), element(own, b * own.batch_stride), count,
                                   element_type(own.type), sum_of(own.type), ranks_),
          "MPI_Reduce_scatter_block");
  }
}

void MpiGroup::tokens_to_heads(View out, ConstView in) {
  require_token_runs(out, in, size_);
  require(in.width % out.width == 0 && size_ % (in.width / out.width) == 0, "the pieces cannot be shared out");
  const Pieces received = runs_of(out, size_), sent = columns_of(in, size_, out.width);
  const Wait wait(waiting_);
  exchange(ranks_, out, received, in, sent);
}

void MpiGroup::heads_to_tokens(View out, ConstView in) {
  require_token_runs(in, out, size_);
  require(out.width == size_ * in.width, "the pieces do not make up the width");
  const Pieces received = columns_of(out, size_, in.width), sent = runs_of(in, size_);
  const Wait wait(waiting_);
  exchange(ranks_, out, received, in, sent);
}

void MpiGroup::begin_passing(View incoming, ConstView outgoing) {
  require(incoming.elements() == outgoing.elements() && incoming.type == outgoing.type, "the tensors differ in size");
  require_one_piece(incoming);
  require_one_piece(outgoing);
  constexpr int kTag = 1;
  const int count = count_of(incoming.elements()), before = (rank_ + size_ - 1) % size_, next = (rank_ + 1) % size_;
  auto* const type = element_type(incoming.type);
  // finish_passing() waits for both.
  MPI_Request received = MPI_REQUEST_NULL, sent = MPI_REQUEST_NULL;
  // NOLINTBEGIN(clang-analyzer-optin.mpi.MPI-Checker)
  check(MPI_Irecv(incoming.data, count, type, before, kTag, ranks_, &received), "MPI_Irecv");
  passing_.push_back(received);
  check(MPI_Isend(outgoing.data, count, type, next, kTag, ranks_, &sent), "MPI_Isend");
  passing_.push_back(sent);
}
// NOLINTEND(clang-analyzer-optin.mpi.MPI-Checker)

void MpiGroup::finish_passing() {
  const Wait wait(waiting_);
  const int count = count_of(static_cast<std::int64_t>(passing_.size()));
  check(MPI_Waitall(count, passing_.data(), MPI_STATUSES_IGNORE), "MPI_Waitall");
  passing_.clear();
}

void MpiGroup::all_reduce(const View& tensor, MPI_Op operation) {
  // Where the entries lie one behind the other they are one message.
  const bool is_one_piece = is_in_one_piece(tensor);
  const std::int64_t pieces = is_one_piece ? 1 : tensor.batch;
  const int count = count_of(tensor.elements() / pieces);
  const Wait wait(waiting_);
  for (std::int64_t b = 0; b < pieces; ++b) {
    check(MPI_Allreduce(MPI_IN_PLACE, element(tensor, b * tensor.batch_stride), count, element_type(tensor.type),
                        operation, ranks_),
          "MPI_Allreduce");
  }
}

void MpiGroup::all_reduce(View tensor) { all_reduce(tensor, sum_of(tensor.type)); }

void MpiGroup::all_reduce_max(View tensor) {
  require(tensor.type == kernels::Type::fp32, "only fp32 has a maximum");
  all_reduce(tensor, MPI_MAX);
}

void MpiGroup::gather(const void* from, int count, const View& whole) {
  require_one_piece(whole);
  const Parts parts(whole.elements(), size_);
  auto* const type = element_type(whole.type);
  const Wait wait(waiting_);
  check(MPI_Allgatherv(from, count, type, whole.data, parts.counts.data(), parts.firsts.data(), type, ranks_),
        "MPI_Allgatherv");
}

void MpiGroup::gather_parts(View whole) { gather(MPI_IN_PLACE, 0, whole); }

void MpiGroup::gather_parts(View whole, ConstView shard) {
  const Part part = part_of(whole.elements(), rank_, size_);
  require(shard.elements() == part.length && shard.type == whole.type, "the shard is not one of the tensor");
  gather(shard.data, count_of(part.count), whole);
}

void MpiGroup::reduce_scatter_parts(View shard, ConstView whole) {
  require_one_piece(whole);
  require(shard.elements() == part_of(whole.elements(), rank_, size_).length && shard.type == whole.type,
          "the shard is not one of the tensor");
  const Parts parts(whole.elements(), size_);
  const Wait wait(waiting_);
  check(MPI_Reduce_scatter(whole.data, shard.data, parts.counts.data(), element_type(whole.type), sum_of(whole.type),
                           ranks_),
        "MPI_Reduce_scatter");
}

void MpiGroup::barrier() {
  const Wait wait(waiting_);
  check(MPI_Barrier(ranks_), "MPI_Barrier");
}

}  // namespace headroom::measure::mpi
