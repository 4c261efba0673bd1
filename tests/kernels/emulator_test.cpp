#include <catch.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include "simt/element.h"
#include "simt/launch.h"

// What the emulator promises to kernels and to those who test them.
namespace headroom::kernels::simt {

namespace {

using test::contains;

template <class Body>
struct Kernel {
  static constexpr int kThreads = 128;
  static constexpr int kMinBlocks = 1;

  Body body;

  void operator()(Thread& thread) const { body(thread); }
};

template <class Body>
void run(const LaunchShape& shape, const Body& body) {
  launch({}, shape, Kernel<Body>{body});
}

constexpr LaunchShape kWarp{{1, 1, 1}, 32, 4096};

/// bf16 of small whole numbers is exact.
using Bf16s = std::vector<std::uint16_t>;

Bf16s small_numbers(int n, int seed) {
  Bf16s values;
  for (int i = 0; i < n; ++i) values.push_back(narrow(static_cast<float>((i * 37 + seed * 11) % 17 - 8)));
  return values;
}

/// The values of a register, the first in the lower half.
std::pair<float, float> both(std::uint32_t pair) {
  return {widen(static_cast<std::uint16_t>(pair)), widen(static_cast<std::uint16_t>(pair >> 16U))};
}

}  // namespace

TEST_CASE("Every thread of every block runs once and knows its place") {
  std::vector<int> runs(static_cast<std::size_t>(2 * 3 * 2 * 64), 0);
  run({{2, 3, 2}, 64, 0}, [&](Thread& t) {
    CHECK(t.blocks() == GridIndex{2, 3, 2});
    CHECK(t.threads() == 64);
    CHECK((t.warp() == t.thread() / 32 && t.lane() == t.thread() % 32));
    const std::int64_t block = (t.block().z * 3 + t.block().y) * 2 + t.block().x;
    ++runs[static_cast<std::size_t>(block * 64 + t.thread())];
  });
  CHECK(runs == std::vector<int>(runs.size(), 1));
  run({{0, 1, 1}, 32, 0}, [](Thread& /*thread*/) { FAIL("an empty grid has no threads"); });
}

TEST_CASE("A shuffle gives the value of another lane of the same warp") {
  run({{1, 1, 1}, 96, 0}, [](Thread& t) {
    const int from = t.lane() * 7 % 32;
    CHECK(t.shuffle(t.thread(), from) == t.warp() * 32 + from);
    CHECK(t.shuffle_xor(static_cast<float>(t.thread()), 5) == static_cast<float>(t.thread() ^ 5));
  });
}

TEST_CASE("Matrices are loaded as ldmatrix lays them out, plain and transposed") {
  const Bf16s values = small_numbers(4 * 64, 1);
  run(kWarp, [&](Thread& t) {
    auto* shared = t.shared<std::uint16_t>();
    if (t.lane() == 0) std::copy(values.begin(), values.end(), shared);
    t.sync();
    std::uint32_t plain[4], transposed[4];
    t.load_matrices(plain, shared + 8 * t.lane());
    t.load_matrices_transposed(transposed, shared + 8 * t.lane());
    const int i = t.lane() / 4, j = t.lane() % 4 * 2;
    for (int m = 0; m < 4; ++m) {
      const auto at = [&](int row, int column) {
        return widen(values[static_cast<std::size_t>(64 * m + 8 * row + column)]);
      };
      CHECK(both(plain[m]) == std::pair(at(i, j), at(i, j + 1)));
      CHECK(both(transposed[m]) == std::pair(at(j, i), at(j + 1, i)));
    }
  });
}

TEST_CASE("The tensor cores multiply matrices in the fragments of the PTX manual, and those are what is loaded") {
  const Bf16s a = small_numbers(16 * 16, 1), b = small_numbers(16 * 16, 2);
  std::vector<float> out(16 * 16, NAN);
  run(kWarp, [&](Thread& t) {
    auto* left = t.shared<std::uint16_t>();
    auto* right = t.shared<std::uint16_t>(512);
    if (t.lane() == 0) {
      std::copy(a.begin(), a.end(), left);
      std::copy(b.begin(), b.end(), right);
    }
    t.sync();
    std::uint32_t a_registers[4], b_registers[4];
    t.load_matrices(a_registers, left + t.lane() % 16 * 16 + t.lane() / 16 * 8);
    t.load_matrices_transposed(b_registers, right + t.lane() % 16 * 16 + t.lane() / 16 * 8);
    const int group = t.lane() / 4, pair = t.lane() % 4 * 2;
    for (int i = 0; i < 4; ++i) {
      const int row = group + i % 2 * 8, column = pair + i / 2 * 8;
      CHECK(both(a_registers[i]).first == widen(a[static_cast<std::size_t>(16 * row + column)]));
    }
    for (int half = 0; half < 2; ++half) {
      const std::uint32_t b_half[2] = {b_registers[2 * half], b_registers[2 * half + 1]};
      float c[4] = {1, 1, 1, 1};
      t.multiply_add(c, a_registers, b_half);
      for (int i = 0; i < 4; ++i) {
        out[static_cast<std::size_t>((group + i / 2 * 8) * 16 + 8 * half + pair + i % 2)] = c[i];
      }
    }
  });
  for (std::size_t row = 0; row < 16; ++row) {
    for (std::size_t column = 0; column < 16; ++column) {
      float expected = 1;
      for (std::size_t k = 0; k < 16; ++k) expected += widen(a[16 * row + k]) * widen(b[16 * k + column]);
      CHECK(out[16 * row + column] == expected);
    }
  }
}

TEST_CASE("Copies land when their group is waited for and not before; those that are not valid are zeros") {
  alignas(16) const float from[4] = {1, 2, 3, 4};
  run(kWarp, [&](Thread& t) {
    if (t.lane() != 0) return;
    const auto* shared = t.shared<float>();
    for (int group = 0; group < 3; ++group) {
      t.copy_async(t.shared<float>(16 * group), from, group != 1);
      t.copy_commit();
    }
    CHECK(std::isnan(shared[0]));
    t.copy_wait<2>();
    CHECK(shared[3] == 4);
    CHECK(std::isnan(shared[4]));
    t.copy_wait<0>();
    CHECK(shared[7] == 0);
    CHECK(shared[8] == 1);
    t.copy_async(t.shared<float>(48), from, true);
    t.copy_wait<0>();
    CHECK(std::isnan(shared[12]));  // its group is still open
  });
}

TEST_CASE("Addresses that are not aligned to 16 bytes are refused where the device would fault") {
  alignas(16) const float from[8] = {};
  CHECK_THROWS_WITH(run(kWarp, [&](Thread& t) { t.copy_async(t.shared<float>(4), from, true); }), contains("aligned"));
  CHECK_THROWS_WITH(run(kWarp, [&](Thread& t) { t.copy_async(t.shared<float>(), from + 1, true); }),
                    contains("aligned"));
  CHECK_THROWS_WITH(run(kWarp,
                        [](Thread& t) {
                          std::uint32_t r[4];
                          t.load_matrices(r, t.shared<float>(8));
                        }),
                    contains("aligned"));
}

TEST_CASE("Shared memory begins as NaN in every block, and there is no more of it than was asked for") {
  run({{3, 1, 1}, 32, 128}, [](Thread& t) {
    CHECK(std::isnan(t.shared<float>()[t.lane()]));
    t.sync();
    t.shared<float>()[t.lane()] = 1;
  });
  CHECK_THROWS_WITH(run({{1, 1, 1}, 32, 128}, [](Thread& t) { static_cast<void>(t.shared<float>(132)); }),
                    contains("shared memory"));
}

TEST_CASE("A barrier that some threads miss is told, of the block and of the warp") {
  CHECK_THROWS_WITH(run({{1, 1, 1}, 64, 0},
                        [](Thread& t) {
                          if (t.thread() != 40) t.sync();
                        }),
                    contains("barrier"));
  CHECK_THROWS_WITH(run(kWarp,
                        [](Thread& t) {
                          if (t.lane() < 16) static_cast<void>(t.shuffle(t.lane(), 0));
                        }),
                    contains("barrier"));
  CHECK_THROWS_WITH(run(kWarp,
                        [](Thread& t) {
                          if (t.lane() < 16) {
                            static_cast<void>(t.shuffle(1, 0));
                          } else {
                            t.sync_warp();
                          }
                        }),
                    contains("different operations"));
}

TEST_CASE("Warps pass their own barriers as often as they like between two of the block") {
  run({{2, 1, 1}, 96, 16}, [](Thread& t) {
    int sum = 0;
    for (int i = 0; i <= t.warp(); ++i) sum += t.shuffle_xor(1, 1);
    t.sync();
    CHECK(sum == t.warp() + 1);
  });
}

TEST_CASE("A forgotten barrier between those who write and those who read shows") {
  for (const bool forgotten : {false, true}) {
    bool wrong = false;
    run({{2, 1, 1}, 64, 256}, [&](Thread& t) {
      auto* shared = t.shared<float>();
      shared[t.thread()] = static_cast<float>(t.thread());
      if (!forgotten) t.sync();
      const int from = (t.thread() + 33) % 64;
      if (shared[from] != static_cast<float>(from)) wrong = true;
    });
    CHECK(wrong == forgotten);
  }
}

TEST_CASE("A grid that the kernel or the device does not take is refused") {
  const auto nothing = [](Thread& /*thread*/) {};
  CHECK_THROWS_WITH(run({{1, 1, 1}, 160, 0}, nothing), contains("more threads"));
  CHECK_THROWS_WITH(run({{1, 1, 1}, 48, 0}, nothing), contains("whole warps"));
}

TEST_CASE("What a thread throws reaches the caller, and the next grid runs") {
  const auto fail = [](Thread& t) {
    if (t.thread() == 5) throw std::runtime_error("thread 5");
    t.sync();
  };
  CHECK_THROWS_WITH(run({{2, 1, 1}, 64, 0}, fail), contains("thread 5"));
  int threads = 0;
  run({{2, 1, 1}, 64, 0}, [&](Thread& t) {
    t.sync();
    ++threads;
  });
  CHECK(threads == 128);
}

TEST_CASE("The shape of a grid prints as one line") {
  CHECK(to_string(LaunchShape{{128, 8, 1}, 256, 49152}) == "grid 128x8x1, 256 threads, 49152 B shared");
  CHECK(one_block_each_row(7, 100, 8, 512, 128) == LaunchShape{{7, 1, 1}, 32, 128});
  CHECK(one_block_each_row(7, 257, 8, 512, 0) == LaunchShape{{7, 1, 1}, 64, 0});
  CHECK(one_block_each_row(7, 1 << 20, 8, 512, 0) == LaunchShape{{7, 1, 1}, 512, 0});
}

}  // namespace headroom::kernels::simt
