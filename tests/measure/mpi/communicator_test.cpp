#include <algorithm>
#include <bit>
#include <cstddef>
#include <functional>
#include <vector>

#include "catch.h"
#include "ranks.h"

using namespace headroom;
using headroom::measure::RankGroup;
using headroom::test::contains;
using kernels::Type;
using kernels::View;

namespace {

constexpr double kUnwritten = -7;

/// A tensor in plain memory, with rows that belong to nobody behind each batch entry.
class Plain {
 public:
  Plain(Type type, std::int64_t batch, std::int64_t rows, std::int64_t width, std::int64_t gap = 0)
      : view_{nullptr, type, batch, rows, width, (rows + gap) * width},
        bytes_(static_cast<std::size_t>(batch * (rows + gap) * width * kernels::size_of(type))) {
    view_.data = bytes_.data();
    for (std::int64_t i = 0; i < batch * (rows + gap) * width; ++i) put(i, kUnwritten);
  }

  [[nodiscard]] const View& view() const { return view_; }
  [[nodiscard]] double at(std::int64_t b, std::int64_t row, std::int64_t column) const {
    return get(index(b, row, column));
  }
  void set(std::int64_t b, std::int64_t row, std::int64_t column, double value) { put(index(b, row, column), value); }
  /// Element `i` of [batch, rows, width].
  void set(std::int64_t i, double value) {
    set(i / (view_.rows * view_.width), i / view_.width % view_.rows, i % view_.width, value);
  }
  [[nodiscard]] double at(std::int64_t i) const {
    return at(i / (view_.rows * view_.width), i / view_.width % view_.rows, i % view_.width);
  }
  /// Whether what lies between the batch entries is as it was.
  [[nodiscard]] bool gaps_untouched() const {
    for (std::int64_t b = 0; b < view_.batch; ++b) {
      for (std::int64_t i = view_.rows * view_.width; i < view_.batch_stride; ++i) {
        if (get(b * view_.batch_stride + i) != kUnwritten) return false;
      }
    }
    return true;
  }

 private:
  [[nodiscard]] std::int64_t index(std::int64_t b, std::int64_t row, std::int64_t column) const {
    return b * view_.batch_stride + row * view_.width + column;
  }
  [[nodiscard]] double get(std::int64_t i) const {
    if (view_.type == Type::fp32) return static_cast<double>(static_cast<const float*>(view_.data)[i]);
    const std::uint32_t half = static_cast<const std::uint16_t*>(view_.data)[i];
    return static_cast<double>(std::bit_cast<float>(half << 16U));
  }
  void put(std::int64_t i, double value) {
    const auto narrow = static_cast<float>(value);
    if (view_.type == Type::fp32) {
      static_cast<float*>(view_.data)[i] = narrow;
    } else {
      static_cast<std::uint16_t*>(view_.data)[i] =
          static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(narrow) >> 16U);
    }
  }

  View view_;
  std::vector<std::byte> bytes_;
};

/// What rank `rank` has at an element: small whole numbers, so that sums are exact in bf16.
double value_of(std::int64_t rank, std::int64_t b, std::int64_t row, std::int64_t column) {
  return static_cast<double>((rank * 5 + b * 7 + row * 3 + column) % 16);
}
double value_of(std::int64_t rank, std::int64_t i) { return value_of(rank, 0, 0, i); }

Plain filled(Type type, std::int64_t rank, std::int64_t batch, std::int64_t rows, std::int64_t width,
             std::int64_t gap) {
  Plain plain(type, batch, rows, width, gap);
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < width; ++c) plain.set(b, r, c, value_of(rank, b, r, c));
    }
  }
  return plain;
}

/// body(b, row, column) over all elements.
template <class Body>
void for_each_element(const View& view, const Body& body) {
  for (std::int64_t b = 0; b < view.batch; ++b) {
    for (std::int64_t r = 0; r < view.rows; ++r) {
      for (std::int64_t c = 0; c < view.width; ++c) body(b, r, c);
    }
  }
}

/// Each element is what `expected` says.
template <class Expected>
bool holds(const Plain& plain, const Expected& expected) {
  bool all = plain.gaps_untouched();
  for_each_element(plain.view(), [&](std::int64_t b, std::int64_t r, std::int64_t c) {
    all = all && plain.at(b, r, c) == expected(b, r, c);
  });
  return all;
}

/// Sizes that are odd, one, and more than one batch entry, with and without rows between them.
struct Sizes {
  std::int64_t batch, rows, width, gap;
};
constexpr Sizes kSizes[] = {{1, 1, 1, 0}, {1, 5, 7, 0}, {3, 2, 5, 0}, {2, 3, 11, 4}};

/// body(group, type, sizes): the ranks as a group of MPI, and a rank that is the only one.
template <class Body>
void for_each_group(const Body& body) {
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator ranks(test::one_sequence(), exchange);
  for (RankGroup* group : {&ranks.all(), &measure::alone().all()}) {
    for (const Type type : {Type::fp32, Type::bf16}) {
      for (const Sizes& sizes : kSizes) {
        CAPTURE(group->size(), static_cast<int>(type), sizes.batch, sizes.rows, sizes.width, sizes.gap);
        body(*group, type, sizes);
      }
    }
  }
}

double summed(const RankGroup& group, const std::function<double(std::int64_t rank)>& value) {
  double sum = 0;
  for (std::int64_t r = 0; r < group.size(); ++r) sum += value(r);
  return sum;
}

}  // namespace

TEST_CASE("gathered tokens are those of all ranks, one run behind the other") {
  for_each_group([](RankGroup& group, Type type, const Sizes& s) {
    const Plain own = filled(type, group.rank(), s.batch, s.rows, s.width, s.gap);
    const Plain whole(type, s.batch, s.rows * group.size(), s.width, s.gap);
    group.gather_tokens(whole.view(), own.view());
    CHECK(holds(
        whole, [&](std::int64_t b, std::int64_t r, std::int64_t c) { return value_of(r / s.rows, b, r % s.rows, c); }));
  });
}

TEST_CASE("a reduce-scatter leaves each rank the sum of its token run") {
  for_each_group([](RankGroup& group, Type type, const Sizes& s) {
    const Plain whole = filled(type, group.rank(), s.batch, s.rows * group.size(), s.width, s.gap);
    const Plain own(type, s.batch, s.rows, s.width, s.gap);
    group.reduce_scatter_tokens(own.view(), whole.view());
    CHECK(holds(own, [&](std::int64_t b, std::int64_t r, std::int64_t c) {
      const std::int64_t row = group.rank() * s.rows + r;
      return summed(group, [&](std::int64_t rank) { return value_of(rank, b, row, c); });
    }));
  });
}

TEST_CASE("tokens are exchanged for heads, and back") {
  for_each_group([](RankGroup& group, Type type, const Sizes& s) {
    const std::int64_t n = group.size();
    const Plain in = filled(type, group.rank(), s.batch, s.rows, s.width * n, s.gap);
    const Plain over_heads(type, s.batch, s.rows * n, s.width, s.gap);
    group.tokens_to_heads(over_heads.view(), in.view());
    CHECK(holds(over_heads, [&](std::int64_t b, std::int64_t r, std::int64_t c) {
      return value_of(r / s.rows, b, r % s.rows, group.rank() * s.width + c);
    }));
    const Plain back(type, s.batch, s.rows, s.width * n, s.gap);
    group.heads_to_tokens(back.view(), over_heads.view());
    CHECK(holds(back, [&](std::int64_t b, std::int64_t r, std::int64_t c) { return in.at(b, r, c); }));
  });
}

TEST_CASE("where key heads are fewer than ranks, each rank receives the one that its query heads read") {
  for_each_group([](RankGroup& group, Type type, const Sizes& s) {
    const std::int64_t n = group.size(), heads = n > 1 ? n / 2 : 1;
    const Plain in = filled(type, group.rank(), s.batch, s.rows, s.width * heads, s.gap);
    const Plain over_heads(type, s.batch, s.rows * n, s.width, s.gap);
    group.tokens_to_heads(over_heads.view(), in.view());
    const std::int64_t head = group.rank() / (n / heads);
    CHECK(holds(over_heads, [&](std::int64_t b, std::int64_t r, std::int64_t c) {
      return value_of(r / s.rows, b, r % s.rows, head * s.width + c);
    }));
    const Plain copies(type, s.batch, s.rows, s.width * n, s.gap);
    group.heads_to_tokens(copies.view(), over_heads.view());
    CHECK(holds(copies, [&](std::int64_t b, std::int64_t r, std::int64_t c) {
      return in.at(b, r, c / s.width / (n / heads) * s.width + c % s.width);
    }));
  });
}

TEST_CASE("what begins to pass arrives at the next rank, several messages in their order") {
  for_each_group([](RankGroup& group, Type type, const Sizes& s) {
    const Plain k = filled(type, group.rank(), s.batch, s.rows, s.width, 0);
    const Plain v = filled(type, group.rank() + 1, s.batch, s.rows, s.width, 0);
    const Plain next_k(type, s.batch, s.rows, s.width), next_v(type, s.batch, s.rows, s.width);
    group.begin_passing(next_k.view(), k.view());
    group.begin_passing(next_v.view(), v.view());
    group.finish_passing();
    const std::int64_t before = (group.rank() + group.size() - 1) % group.size();
    CHECK(holds(next_k, [&](std::int64_t b, std::int64_t r, std::int64_t c) { return value_of(before, b, r, c); }));
    CHECK(holds(next_v, [&](std::int64_t b, std::int64_t r, std::int64_t c) { return value_of(before + 1, b, r, c); }));
  });
}

TEST_CASE("an all-reduce gives every rank the sum, in place, whatever lies between the entries") {
  for_each_group([](RankGroup& group, Type type, const Sizes& s) {
    const Plain tensor = filled(type, group.rank(), s.batch, s.rows, s.width, s.gap);
    group.all_reduce(tensor.view());
    CHECK(holds(tensor, [&](std::int64_t b, std::int64_t r, std::int64_t c) {
      return summed(group, [&](std::int64_t rank) { return value_of(rank, b, r, c); });
    }));
  });
}

TEST_CASE("a maximum over the ranks is every rank's, in place, and of fp32 alone") {
  for_each_group([](RankGroup& group, Type type, const Sizes& s) {
    const Plain tensor = filled(type, group.rank(), s.batch, s.rows, s.width, s.gap);
    if (type != Type::fp32 && group.size() > 1) {
      CHECK_THROWS_WITH(group.all_reduce_max(tensor.view()), contains("only fp32 has a maximum"));
      return;
    }
    group.all_reduce_max(tensor.view());
    CHECK(holds(tensor, [&](std::int64_t b, std::int64_t r, std::int64_t c) {
      double largest = 0;
      for (std::int64_t rank = 0; rank < group.size(); ++rank) largest = std::max(largest, value_of(rank, b, r, c));
      return largest;
    }));
  });
}

TEST_CASE("shards are parts of the sum, and gather to the whole; the last ones may be short or empty") {
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator ranks(test::one_sequence(), exchange);
  RankGroup& group = ranks.all();
  for (const Type type : {Type::fp32, Type::bf16}) {
    for (const std::int64_t elements : {1, 2, 3, 5, 6, 9, 16, 37, 1001}) {
      CAPTURE(elements, static_cast<int>(type));
      const measure::Part part = measure::part_of(elements, group.rank(), group.size());
      Plain whole(type, 1, 1, elements), gathered(type, 1, 1, elements), shard(type, 1, 1, part.length);
      for (std::int64_t i = 0; i < elements; ++i) whole.set(i, value_of(group.rank(), i));
      group.reduce_scatter_parts(shard.view(), whole.view());
      const auto sum_at = [&](std::int64_t i) {
        return summed(group, [&](std::int64_t rank) { return value_of(rank, i); });
      };
      bool shard_holds = true;
      for (std::int64_t i = 0; i < part.length; ++i) {
        shard_holds = shard_holds && shard.at(i) == (i < part.count ? sum_at(part.first + i) : kUnwritten);
      }
      CHECK(shard_holds);
      group.gather_parts(gathered.view(), shard.view());
      CHECK(holds(gathered, [&](std::int64_t, std::int64_t, std::int64_t c) { return sum_at(c); }));
      for (std::int64_t i = 0; i < part.count; ++i) whole.set(part.first + i, 3);
      group.gather_parts(whole.view());
      CHECK(holds(whole, [&](std::int64_t, std::int64_t, std::int64_t) { return 3.0; }));
    }
  }
}

TEST_CASE("the parts of a tensor make it up, in order, and every shard has the length of the first") {
  for (const std::int64_t elements : {1, 2, 3, 7, 8, 9, 100}) {
    for (const std::int64_t ranks : {1, 2, 3, 4, 8}) {
      std::int64_t behind = 0;
      for (std::int64_t rank = 0; rank < ranks; ++rank) {
        const measure::Part part = measure::part_of(elements, rank, ranks);
        CHECK(part.length == (elements + ranks - 1) / ranks);
        CHECK(part.count <= part.length);
        CHECK(part.first == behind);
        behind += part.count;
      }
      CHECK(behind == elements);
    }
  }
}

TEST_CASE("bf16 is added in fp32 and rounded to nearest even") {
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator ranks(test::one_sequence(), exchange);
  Plain tensor(Type::bf16, 1, 1, 3);
  const bool is_first = test::this_rank() == 0, is_second = test::this_rank() == 1;
  tensor.set(0, is_first ? 256 : is_second ? 1 : 0);  // 257 lies between 256 and 258
  tensor.set(1, is_first ? 258 : is_second ? 1 : 0);  // 259 lies between 258 and 260
  tensor.set(2, is_first ? 256 : is_second ? 1.5 : 0);
  ranks.all().all_reduce(tensor.view());
  CHECK(tensor.at(0) == 256);
  CHECK(tensor.at(1) == 260);
  CHECK(tensor.at(2) == 258);
}

TEST_CASE("Ulysses groups are consecutive ranks, and the ring goes over the groups") {
  const std::int64_t ulysses = 2, ranks = test::ranks_present();
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(test::one_sequence(ulysses), exchange);
  CHECK(communicator.ulysses().size() == ulysses);
  CHECK(communicator.ulysses().rank() == test::this_rank() % ulysses);
  CHECK(communicator.ring().size() == ranks / ulysses);
  CHECK(communicator.ring().rank() == test::this_rank() / ulysses);
  Plain own(Type::fp32, 1, 1, 1), received(Type::fp32, 1, 1, 1);
  own.set(0, static_cast<double>(test::this_rank()));
  communicator.ring().begin_passing(received.view(), own.view());
  communicator.ring().finish_passing();
  CHECK(received.at(0) == static_cast<double>((test::this_rank() + ranks - ulysses) % ranks));
}

namespace {

/// The sum of all ranks' numbers over a group.
double sum_of_ranks(RankGroup& group) {
  Plain number(Type::fp32, 1, 1, 1);
  number.set(0, static_cast<double>(test::this_rank()));
  group.all_reduce(number.view());
  return number.at(0);
}

}  // namespace

TEST_CASE("tensor ranks are consecutive, then sequence ranks, then data ranks") {
  const std::int64_t ranks = test::ranks_present(), rank = test::this_rank(), pair = rank / 2 * 2;
  Job job;
  job.seq = Tokens(8);
  job.degrees.tensor = 2;
  job.degrees.data = GENERATE_COPY(std::int64_t{1}, ranks / 2);
  job.degrees.sequence = ranks / 2 / job.degrees.data;
  job.method.sequence = SequenceDistribution::lss;
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, rank), exchange);
  CHECK(communicator.all().size() == ranks);
  CHECK(communicator.tensor().size() == 2);
  CHECK(communicator.tensor().rank() == rank % 2);
  CHECK(sum_of_ranks(communicator.tensor()) == static_cast<double>(2 * pair + 1));
  CHECK(communicator.states().size() == ranks / 2);
  CHECK(communicator.states().rank() == rank / 2);
  CHECK(communicator.sequence().size() == job.degrees.sequence);
  CHECK(communicator.sequence().rank() == (job.degrees.sequence == 1 ? 0 : rank / 2));
  const std::int64_t with_same_place = rank % 2 * (ranks / 2) + 2 * (ranks / 2) * (ranks / 2 - 1) / 2;
  CHECK(sum_of_ranks(communicator.states()) == static_cast<double>(with_same_place));
  CHECK(sum_of_ranks(communicator.sequence()) ==
        static_cast<double>(job.degrees.sequence == 1 ? rank : with_same_place));
}

TEST_CASE("runs of tensor ranks are consecutive: those with the same key head") {
  const std::int64_t ranks = test::ranks_present(), rank = test::this_rank();
  Job job;
  job.seq = Tokens(8);
  job.degrees.tensor = ranks;
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator communicator(measure::place_of(job, rank), exchange);
  for (std::int64_t length = 1; length <= ranks; length *= 2) {
    RankGroup& run = communicator.tensor(length);
    CHECK(run.size() == length);
    CHECK(run.rank() == rank % length);
    const std::int64_t first = rank / length * length;
    const std::int64_t sum = length * first + length * (length - 1) / 2;
    CHECK(sum_of_ranks(run) == static_cast<double>(sum));
  }
}

TEST_CASE("messages between tensors that do not fit are refused on every rank") {
  const measure::mpi::Exchange exchange;
  measure::mpi::MpiCommunicator ranks(test::one_sequence(), exchange);
  const Plain own(Type::fp32, 1, 3, 4), whole(Type::fp32, 1, 5, 4), other(Type::bf16, 1, 3, 4),
      gap(Type::fp32, 2, 1, 2, 1);
  CHECK_THROWS_WITH(ranks.all().gather_tokens(whole.view(), own.view()), contains("token runs"));
  CHECK_THROWS_WITH(ranks.all().begin_passing(other.view(), own.view()), contains("differ in size"));
  CHECK_THROWS_WITH(ranks.all().gather_parts(gap.view()), contains("not one piece"));
  CHECK_THROWS_WITH(ranks.all().reduce_scatter_parts(own.view(), own.view()), contains("not one of the tensor"));
}
