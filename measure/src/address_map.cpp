#include <headroom/measure/address_map.h>

#include <algorithm>

namespace headroom::measure {

void AddressMap::birth(std::uint64_t address, Bytes bytes) {
  const auto [block, is_new] = blocks_.try_emplace(address, bytes);
  if (!is_new) {
    ++untold_deaths_;
    live_ -= block->second;
    block->second = bytes;
  }
  ++births_;
  live_ += bytes;
  peak_ = std::max(peak_, live_);
}

void AddressMap::death(std::uint64_t address) {
  const auto block = blocks_.find(address);
  if (block == blocks_.end()) {
    ++unknown_deaths_;
    return;
  }
  ++deaths_;
  live_ -= block->second;
  blocks_.erase(block);
}

}  // namespace headroom::measure
