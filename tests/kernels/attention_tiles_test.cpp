// Which keys a query reads, which tiles are visited and masked, and how tiles lie in shared memory.

#include <catch.h>

#include <algorithm>
#include <set>

#include "attention_mask.h"
#include "shared_tile.h"
#include "tensor_backward.h"
#include "tensor_forward.h"

namespace headroom::test {

namespace {

using kernels::AttentionBlock;
using kernels::cuda::AttentionMask;

/// Whether row `query` of the block reads row `key`, from the definition.
bool reads(const AttentionBlock& block, int query, int key) {
  if (!block.heads.causal) return true;
  const std::int64_t behind = block.queries.first + query - block.keys.first - key;
  return behind >= 0 && (block.heads.window == 0 || behind < block.heads.window);
}

/// body(block, mask) over blocks with `queries` x `keys` rows at all places to each other.
template <class Body>
void for_each_mask(int queries, int keys, const Body& body) {
  const kernels::Heads all[] = {{1, 1, 1, false},     {1, 1, 1, false, 3},     {1, 1, 1, true},
                                {1, 1, 1, true, 1},   {1, 1, 1, true, 3},      {1, 1, 1, true, 10},
                                {1, 1, 1, true, 100}, {1, 1, 1, true, 1 << 30}};
  for (const kernels::Heads& heads : all) {
    for (const std::int64_t query : {0, 1, 3, 8, 100, 1 << 30}) {
      for (const std::int64_t key : {0, 2, 5, 7, 50, 1 << 30}) {
        CAPTURE(queries, keys, heads.causal, heads.window, query, key);
        const AttentionBlock block{heads, {query, 0}, {key, 0}, {}};
        body(block, kernels::cuda::mask_of(block, queries, keys));
      }
    }
  }
}

/// body(first, behind) over parts of `whole`.
template <class Body>
void for_each_part(int whole, int part, const Body& body) {
  for (int first = 0; first < whole; first += part) body(first, std::min(whole, first + part));
}

template <int kColumns>
void check_banks() {
  using Tile = kernels::cuda::SharedTile<kColumns>;
  CAPTURE(kColumns);
  constexpr int kRows = 32;
  std::set<int> places;
  for (int row = 0; row < kRows; ++row) {
    for (int chunk = 0; chunk < Tile::kChunks; ++chunk) places.insert(Tile::offset(row, chunk));
  }
  CHECK(places.size() == static_cast<std::size_t>(kRows * Tile::kChunks));
  CHECK(*places.begin() == 0);
  CHECK(*places.rbegin() == kRows * Tile::kRowBytes - 16);
  for (int chunk = 0; chunk < Tile::kChunks; ++chunk) {
    for (int row = 0; row < kRows; row += 8) {
      std::set<int> banks;
      for (int i = 0; i < 8; ++i) banks.insert(Tile::offset(row + i, chunk) / 16 % 8);
      CHECK(banks.size() == 8);
    }
  }
}

}  // namespace

TEST_CASE("A query reads the keys up to its own position, of these the last ones that a window spans") {
  for_each_mask(9, 11, [](const AttentionBlock& block, const AttentionMask& mask) {
    for (int query = 0; query < 9; ++query) {
      const kernels::KeyRange read = block.keys_read(query, 2, 7);
      CHECK((0 <= read.first && read.first <= read.end && read.end <= 7));
      for (int key = 0; key < 11; ++key) CHECK(mask.reads(query, key) == reads(block, query, key));
      for (int key = 0; key < 7; ++key) CHECK(read.has(key) == reads(block, query, key + 2));
    }
  });
}

TEST_CASE("Some queries read some keys where one of them reads one of these") {
  for_each_mask(9, 11, [](const AttentionBlock& block, const AttentionMask&) {
    for_each_part(9, 4, [&](int query, int query_end) {
      for_each_part(11, 3, [&](int key, int key_end) {
        bool any = false;
        for (int i = query; i < query_end; ++i) {
          for (int j = key; j < key_end; ++j) any = any || reads(block, i, j);
        }
        CHECK(block.reads(query, query_end - query, key, key_end - key) == any);
      });
    });
  });
}

TEST_CASE("A tile is visited where some query of it reads a key of it") {
  for_each_mask(9, 11, [](const AttentionBlock& block, const AttentionMask& mask) {
    for_each_part(9, 4, [&](int query, int query_end) {
      int begin = 11, end = 0;
      for (int i = query; i < query_end; ++i) {
        for (int key = 0; key < 11; ++key) {
          if (!reads(block, i, key)) continue;
          begin = std::min(begin, key);
          end = std::max(end, key + 1);
        }
      }
      if (end == 0) {
        CHECK(mask.key_begin(query, 1) >= mask.key_end(query, 4));
        return;
      }
      CHECK(mask.key_end(query, 4) == end);
      CHECK(mask.key_begin(query, 1) == begin);
      CHECK(mask.key_begin(query, 3) == begin / 3 * 3);
    });
    for_each_part(11, 3, [&](int key, int key_end) {
      int first = 9, end = 0;
      for (int i = 0; i < 9; ++i) {
        for (int j = key; j < key_end; ++j) {
          if (!reads(block, i, j)) continue;
          first = std::min(first, i);
          end = std::max(end, i + 1);
        }
      }
      if (end == 0) {
        CHECK(mask.first_query(key) >= mask.query_end(key, 3));
        return;
      }
      CHECK(mask.first_query(key) == first);
      CHECK(mask.query_end(key, 3) == end);
    });
  });
}

TEST_CASE("A tile is masked where some query does not read all of it, or its keys end") {
  for_each_mask(9, 11, [](const AttentionBlock& block, const AttentionMask& mask) {
    for_each_part(9, 4, [&](int query, int query_end) {
      for_each_part(11, 3, [&](int key, int key_end) {
        bool partial = key_end - key < 3;
        for (int i = query; i < query_end; ++i) {
          for (int j = key; j < key_end; ++j) partial = partial || !reads(block, i, j);
        }
        CHECK(mask.is_partial(query, 4, key, 3) == partial);
      });
    });
  });
}

TEST_CASE("Rows of a shared tile meet in no bank, whatever their length") {
  check_banks<32>();
  check_banks<64>();
  check_banks<80>();
  check_banks<96>();
  check_banks<128>();
}

TEST_CASE("Launches of attention follow from the shape, and can be printed") {
  kernels::cuda::ForwardCall forward{};
  forward.geometry.mask = {300, 200, 0, true};
  forward.geometry.batch = 2;
  forward.geometry.heads = 4;
  forward.geometry.kv_heads = 2;
  CHECK(to_string(kernels::cuda::TensorForward<128, false>{forward}.shape()) ==
        "grid 24x1x1, 128 threads, 98304 B shared");
  kernels::cuda::BackwardCall backward{};
  backward.geometry = forward.geometry;
  CHECK(to_string(kernels::cuda::TensorBackward<128, false>{backward}.shape()) ==
        "grid 8x1x1, 256 threads, 74240 B shared");
  CHECK(to_string(kernels::cuda::forward_tile(false)) == "128 queries x 64 keys, 4 warps, 2 blocks a multiprocessor");
  CHECK(to_string(kernels::cuda::backward_tile(128)) == "32 queries x 128 keys, 8 warps, 1 block a multiprocessor");
}

}  // namespace headroom::test
