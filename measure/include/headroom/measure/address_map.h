#pragma once

#include <cstdint>
#include <unordered_map>

#include <headroom/models/bytes.h>

namespace headroom::measure {

/// Live blocks by address, and the largest sum of their bytes so far: a count that knows nothing of tensors. It holds
/// whatever it is told and counts what cannot be right instead of failing on it.
class AddressMap {
 public:
  /// A block appears. One that lived at the address still is gone: its death was not told.
  void birth(std::uint64_t address, Bytes bytes);
  /// The block at the address is gone; counted as unknown where none lives there.
  void death(std::uint64_t address);

  [[nodiscard]] bool contains(std::uint64_t address) const { return blocks_.find(address) != blocks_.end(); }
  [[nodiscard]] Bytes live() const { return live_; }
  [[nodiscard]] Bytes peak() const { return peak_; }
  [[nodiscard]] std::int64_t births() const { return births_; }
  [[nodiscard]] std::int64_t deaths() const { return deaths_; }  ///< of blocks that were known
  [[nodiscard]] std::int64_t unknown_deaths() const { return unknown_deaths_; }
  [[nodiscard]] std::int64_t untold_deaths() const { return untold_deaths_; }

 private:
  std::unordered_map<std::uint64_t, Bytes> blocks_;
  Bytes live_;
  Bytes peak_;
  std::int64_t births_ = 0;
  std::int64_t deaths_ = 0;
  std::int64_t unknown_deaths_ = 0;
  std::int64_t untold_deaths_ = 0;
};

}  // namespace headroom::measure
